/* hist: history/DAG.tsv, a line for each ended instance and missed slot. */
#ifndef HIST_H
#define HIST_H

#include "rec.h"
#include "spool.h"

/* appends records, in one write, synced if the spool is durable; -1, errno */
int hist_append(struct spool *, const char *dag, const struct buf *records);
/* appends to b the history records of a run, from its markers and its own
 * state (the run's lock is held): run and instance lines */
int hist_of_run(struct run *, enum run_state, struct buf *b);
/*
 * Calls f with each well-formed record of a DAG's history, in order; torn and
 * foreign lines are skipped. f returns nonzero to stop: then that is
 * returned. 0 at the end (also when there is no history); -1 and errno.
 */
int hist_each(struct spool *, const char *dag,
	int (*f)(const struct rec *, void *), void *);

#endif
