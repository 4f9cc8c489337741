/* admit: which of a DAG's waiting runs comes next. */
#ifndef ADMIT_H
#define ADMIT_H

#include "spool.h"

enum {
	ACTIVE_RUNS = 16,	/* max-active-runs unless said */
	ADMIT_BEHIND = 1,	/* the mtime, in seconds, of the @waiting of a
				 * backfill's run, which lets one of the others
				 * go first, each time */
	ADMIT_HELD = 2,		/* of one that is paused: it is not admitted */
};

/*
 * Moves the oldest waiting run of a DAG from @waiting to @active, if fewer
 * are active than its max-active-runs allows; its name in name. Of a
 * backfill's and the others the latter come first, then they take turns.
 * Manual runs neither count nor wait. runs/DAG is open and locked as dirfd.
 * 1 one was admitted, 0 none, -1 and errno.
 */
int admit_next(struct spool *, const char *dag, int dirfd,
	char name[RUN_LEN + 1]);
/* the set of runs has changed in a way that the memory of others misses */
void admit_touch(int dirfd);
/* empties the memory */
void admit_forget(void);

#endif
