/* sweep: finds the runs that ended long enough ago to be archived. */
#ifndef SWEEP_H
#define SWEEP_H

#include "spool.h"

/*
 * Calls f for each run that ended at least older seconds ago; with older < 0
 * as its plan's archive-after says (a run without it stays). The worst of
 * what f returned, 0 if it was never called; -1 and errno.
 */
int sweep(struct spool *, int64_t older,
	int (*f)(const char *dag, const char *run, void *), void *);

#endif
