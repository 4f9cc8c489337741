/* glance: a run's state and counts, from one listing of its directory. */
#ifndef GLANCE_H
#define GLANCE_H

#include "spool.h"

struct glance {
	enum run_state state;
	unsigned tasks, count[STATES];
};

/*
 * Looks at names only, in four system calls: true if that is enough, which
 * it is for a run in which nothing moves: one that waits or has ended. The
 * tasks of one that is damaged are those that have a marker.
 */
bool glance(struct spool *, const char *dag, const char *run, struct glance *);
/*
 * The same, and appends the names of the markers of tasks that are in one of
 * these states (a bit each), each with its NUL.
 */
bool glance_names(struct spool *, const char *dag, const char *run,
	struct glance *, unsigned states, struct buf *names);

#endif
