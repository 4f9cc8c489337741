/* again: runs that a backfill asks for once more. */
#ifndef AGAIN_H
#define AGAIN_H

#include "spool.h"

/* the instants of a DAG's runs that have failed, live or archived, ascending:
 * malloc'ed; -1 and errno */
int again_failed(struct spool *, const char *dag, int64_t **list, size_t *n);
/*
 * Runs the tasks of the run of an instant again, if it has ended: all, or
 * those that failed. 1 and its name, 0 it is not so, -1 and errno.
 */
int again_run(struct spool *, const char *dag, int64_t t, bool failed,
	char name[RUN_LEN + 1]);

#endif
