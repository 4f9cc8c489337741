/* cancel: ends a whole run: what of it runs is killed, the rest has failed. */
#ifndef CANCEL_H
#define CANCEL_H

#include "spool.h"

/*
 * Returns when nothing of the run is at work any more; note is kept in its
 * markers. 1 it was cancelled, 0 it had ended or is not there, -1 and errno.
 */
int cancel_run(struct spool *, const char *dag, const char *run,
	const char *note);

#endif
