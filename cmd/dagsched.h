/* dagsched: what the parts of dagsched have in common. */
#ifndef DAGSCHED_H
#define DAGSCHED_H

#include "prog.h"
#include "sched.h"

/* what is asked for, and what comes out */
extern struct sched sched;

/* decides about a definition, at sched.now, and prints what follows */
enum exit_code dagsched_dag(struct buf *text);
/* the errors of a definition: as they are on stdout, and, unless people have
 * been told, on stderr */
void dagsched_errors(const struct buf *errs, bool told);
/* prints each line of text as a message, about a DAG unless that is NULL */
void dagsched_lines(const char *dag, struct buf *text);
/* opens the spool, or dies; NULL: there is none yet */
struct spool *dagsched_spool(struct spool *);
/* where it is, or would be: malloc'ed, or NULL */
char *dagsched_spool_path(void);

/* prints what falls due, when it does, until told to stop */
enum exit_code follow(int argc, char **argv);

#endif
