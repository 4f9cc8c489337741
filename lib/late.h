/* late: what runs longer than it usually does. */
#ifndef LATE_H
#define LATE_H

#include "view.h"

enum { LATE_TIMES = 2, LATE_KNOWN = 3 };

/* how long the tasks of a DAG took when they ended well; zero at first */
struct late {
	char dag[NAME_LEN + 1];		/* read of this one */
	struct late_time {
		char task[NAME_LEN + 1];
		double seconds;
	} *time;
	size_t n, cap;
};

/*
 * Adds a line for each running task of a run (or for the one of id) that has
 * taken more than LATE_TIMES the median of its successes, if the history has
 * LATE_KNOWN of them. -1 and errno, why may say more.
 */
int late_run(struct late *, struct spool *, const struct id *, struct view *,
	struct buf *why);
/* the median of a task's successes, and of how many; -1 and errno */
int late_usual(struct late *, struct spool *, const char *dag,
	const char *task, double *seconds, size_t *n);
void late_free(struct late *);

#endif
