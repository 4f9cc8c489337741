/* stats: what a DAG's history adds up to: how long, how often, how well. */
#ifndef STATS_H
#define STATS_H

#include "spool.h"
#include "tally.h"

struct stats_row {
	char task[TASK_LEN + 1];	/* "": of the DAG's runs */
	char week[12];			/* its Monday; "": of all time */
	size_t count, good;		/* ends, and how many were successes */
	size_t retried;			/* tasks: attempts beyond the first */
	struct tally_range wall, cpu, rss;	/* seconds, KiB */
	char note[96];			/* what stands out */
};

/*
 * Of a DAG: a row of all its runs, one for each week, and one for each task,
 * slowest first; of a task: all, and each week. A run takes from its first
 * start to its end, the CPU time of all its attempts and the memory of its
 * greatest. Skipped tasks did not run and are not counted. Malloc'ed; n 0 if
 * there is nothing in the history. -1 and errno.
 */
int stats_of(struct spool *, const char *dag, const char *task,
	struct stats_row **, size_t *n);

#endif
