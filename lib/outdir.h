/* outdir: files/TASK in a run: whole files that a task leaves. */
#ifndef OUTDIR_H
#define OUTDIR_H

#include "spool.h"

/* does a task's definition name DAG_OUTDIR? */
bool outdir_wanted(const struct plan *, uint32_t task);
/* makes the directory of a task, empty; -1 and errno */
int outdir_make(const struct run *, const char *task);
/* syncs what is in it, itself, and its name; files that are none are not */
int outdir_sync(const struct run *, const char *task);

#endif
