/* redo: a run that is asked for once more. */
#ifndef REDO_H
#define REDO_H

#include "spool.h"

/*
 * Runs the tasks of the run of an instant again, if it has ended: all, or
 * those that failed; if it has not, those that such a rerun has left held. 1
 * and its name, 0 it is not so, -1 and errno.
 */
int redo_run(struct spool *, const char *dag, int64_t t, bool failed,
	char name[RUN_LEN + 1]);

/* the same of the run of that name, with a note for its markers */
int redo_named(struct spool *, const char *dag, const char *name, bool failed,
	const char *note);

#endif
