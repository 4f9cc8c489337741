/* sweep: finds the runs that ended long enough ago to be archived. */
#ifndef SWEEP_H
#define SWEEP_H

#include "spool.h"

/*
 * Calls f for each run that ended at least older seconds ago; with older < 0
 * as its plan's archive-after says (a run without it stays). The worst of
 * what f returned, 0 if it was never called; -1 and errno. next (or NULL):
 * when one more will be old enough, 0 none that has ended.
 */
int sweep(struct spool *, int64_t older,
	int (*f)(const char *dag, const char *run, void *), void *,
	int64_t *next);

#endif
