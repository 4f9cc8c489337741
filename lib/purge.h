/* purge: archived runs are removed, their slots stay decided. */
#ifndef PURGE_H
#define PURGE_H

#include "spool.h"

/*
 * Removes a run that is archived: first the history says so, synced, then the
 * archive goes. Takes the lock of runs/DAG. -1 and errno, why may say more:
 * ENOENT it is not archived, EBUSY it is in runs/.
 */
int purge_run(struct spool *, const char *dag, const char *run,
	const char *reason, struct buf *why);
/*
 * Calls f with each archived run that ended at least older seconds ago; with
 * older < 0 as keep of its plan says. -1 and errno.
 */
int purge_due(struct spool *, int64_t older,
	void (*f)(const char *dag, const char *run, void *), void *);

#endif
