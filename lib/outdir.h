/* outdir: files/TASK in a run: whole files that a task leaves. */
#ifndef OUTDIR_H
#define OUTDIR_H

#include "spool.h"

/* does a task's definition name DAG_OUTDIR? */
bool outdir_wanted(const struct plan *, uint32_t task);
/* what an attempt that we make leaves is called, in out/ and files/: TASK; on a
 * shared spool TASK.N, until it is settled that it counts, fence.h */
void outdir_name(char [FILE_LEN], const struct spool *, const char *task,
	unsigned attempt);
/* makes the directory of an attempt, empty; -1 and errno */
int outdir_make(const struct run *, const char *task, unsigned attempt);
/* syncs what is in it, itself, and its name; files that are none are not */
int outdir_sync(const struct run *, const char *task);

#endif
