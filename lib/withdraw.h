/* withdraw: a run that cannot go on: set aside whole, its slot decided. */
#ifndef WITHDRAW_H
#define WITHDRAW_H

#include "spool.h"

/*
 * Moves a run with its ready markers to bad/, with a message; history says
 * that it was purged, so that its slot is not made a run again. 1; 0 not while
 * a task of it is running, or if it is in runs/ no more; -1 and errno.
 */
int withdraw_run(struct run *, const char *why);
/* the line in the history alone, if the run is of a slot; -1 and errno */
int withdraw_slot(struct spool *, const char *dag, const char *run,
	const char *why);

#endif
