/* change: what operators do to tasks: rerun, mark, hold, release. */
#ifndef CHANGE_H
#define CHANGE_H

#include <stdbool.h>

#include "spool.h"

enum change_verb { CHANGE_RERUN, CHANGE_MARK, CHANGE_HOLD, CHANGE_RELEASE };

struct change {
	enum change_verb verb;
	enum state mark;	/* MARK: success, failed, skipped */
	bool upstream, downstream;	/* RERUN: of what was chosen, too */
	bool kill;		/* RERUN: what runs is killed first */
	bool latest;		/* RERUN: the run took its DAG file of today:
				 * tasks that are new in it go on, too */
	const char *note;	/* kept in the markers, or NULL */
	/* told of each task that changed, and of each that cannot */
	void (*changed)(const struct run *, const char *task, enum state from,
	    void *);
	void (*refused)(const struct run *, const char *task, const char *why,
	    void *);
	void *arg;
};

/*
 * Does it to the tasks of a run that are true in chosen (plan->n of them,
 * which is changed): under the locks of runs/DAG and the run, synced when it
 * returns. Interrupted, it leaves tasks held, and the same call finishes it.
 * How many tasks changed; -1 and errno.
 */
int change_run(const struct change *, struct run *, bool *chosen);

#endif
