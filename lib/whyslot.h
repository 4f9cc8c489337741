/* whyslot: why a DAG, or one of its slots, has a run or has none. */
#ifndef WHYSLOT_H
#define WHYSLOT_H

#include "schedjob.h"

/*
 * Appends a line for each condition: the ID, yes or no, the condition, what
 * would make it hold ("-" if it does), tabs between; about the slot at which
 * RUN, as a run's name or as in period.h, is, or NULL: about the DAG. The
 * job's slots and what is known are loaded. 0; 1 and why; -1 and errno.
 */
int whyslot(struct sched_job *, const char *run, struct buf *out);

#endif
