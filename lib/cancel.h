/* cancel: ends a whole run: what of it runs is killed, the rest has failed. */
#ifndef CANCEL_H
#define CANCEL_H

#include "spool.h"

/*
 * Returns when nothing of the run is at work any more, nor of the runs that
 * were made for its tasks; note is kept in their markers. 1 it was cancelled,
 * 0 it had ended or is not there, -1 and errno.
 */
int cancel_run(struct spool *, const char *dag, const char *run,
	const char *note);
/* the same of what a task waits for, which then ends as one that was killed;
 * 1, 0 it waits for none, -1 and errno */
int cancel_child(struct run *, uint32_t task, struct instance,
	const char *note);

#endif
