/* sweep: archives the runs that ended long enough ago. */
#ifndef SWEEP_H
#define SWEEP_H

#include "spool.h"

/*
 * Archives each run that ended at least older seconds ago; with older < 0 as
 * its plan's archive-after says (a run without it stays). told: as in
 * retire_runs. 0; -1 and errno: not all was tried. next (or NULL): when one
 * more will be old enough, 0 none that has ended.
 */
int sweep(struct spool *, int64_t older, void (*told)(const char *dag,
	const char *run, int error, const char *why, void *), void *,
	int64_t *next);
/* only tells which these are */
int sweep_dry(struct spool *, int64_t older, void (*told)(const char *dag,
	const char *run, int error, const char *why, void *), void *);

#endif
