/* simulate: what would become of a DAG's tasks, if some ended so or so. */
#ifndef SIMULATE_H
#define SIMULATE_H

#include "spool.h"

/* how a task ends, should it be run */
struct simulate_end {
	const char *task;	/* of namelen bytes */
	size_t namelen;
	enum state state;
	bool found;		/* some DAG had it */
};

/* takes TASK=STATE apart; -1: it is not that, or STATE is none of success,
 * failed and skipped */
int simulate_parse(const char *, struct simulate_end *);
/*
 * Appends a line "DAG/TASK\tSTATE" for each task and "DAG\tSTATE" for the run,
 * all that is not in ends being a success, if the DAG has one of these tasks
 * (else nothing). -1 and errno ENOMEM.
 */
int simulate(struct plan *, struct simulate_end *ends, size_t n,
	struct buf *);

#endif
