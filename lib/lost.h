/* lost: running markers that nobody holds: recovered. */
#ifndef LOST_H
#define LOST_H

#include "spool.h"

/*
 * Looks at the running markers of a run; those whose supervisor is dead are
 * recovered: what is left of the task is killed and waited for, the attempt
 * is spent, and the task is ready again or failed, reason=lost; then the run
 * is evaluated. How many were recovered; *failed counts those that failed
 * for good, *alive those that are held by a living supervisor or by an orphan
 * that could not be killed yet; -1 and errno.
 */
int lost_recover(struct run *, unsigned *failed, unsigned *alive);
/* the same for all active runs of the spool; on_alive (or NULL) is called with
 * each run that has living ones */
int lost_recover_all(struct spool *, unsigned *failed, unsigned *alive,
	void (*on_alive)(struct run *, void *), void *);

#endif
