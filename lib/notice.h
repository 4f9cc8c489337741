/* notice: what whoever looks at a spool should know first. */
#ifndef NOTICE_H
#define NOTICE_H

#include "spool.h"

/* is a dagexec, or a supervisor it left, at work here? takes no lock */
bool notice_served(struct spool *);
/* is a DAG paused? appends since when, by whom and why: "since … by … (…)",
 * as far as it is known, to b (or NULL) */
bool notice_paused(struct spool *, const char *dag, struct buf *b);
/*
 * Appends lines behind "# ": where the spool is; that tasks are ready and
 * nobody serves it; which DAGs are paused. -1 and errno.
 */
int notice_spool(struct spool *, struct buf *);
/* is a DAG file a program? */
bool notice_program(const char *path);
/* the same for the DAG files of $DAG_PATH that are broken, a line an error;
 * those that are programs are not run for it */
void notice_files(struct buf *);

#endif
