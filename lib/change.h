/* change: what operators do to tasks: rerun, mark, hold, release. */
#ifndef CHANGE_H
#define CHANGE_H

#include <stdbool.h>

#include "rec.h"
#include "spool.h"

enum change_verb { CHANGE_RERUN, CHANGE_MARK, CHANGE_HOLD, CHANGE_RELEASE };

struct change {
	enum change_verb verb;
	enum state mark;	/* MARK: success, failed, skipped */
	bool upstream, downstream;	/* RERUN: of what was chosen, too */
	bool kill;		/* RERUN: what runs is killed first */
	bool latest;		/* RERUN: the run took its DAG file of today:
				 * tasks that are new in it go on, too */
	bool failed;		/* RERUN: of what was chosen, what failed */
	bool force;		/* RERUN: also what is up to date */
	const struct rec_field *param;	/* RERUN: parameters, changed */
	size_t nparam;
	bool whole;		/* chosen are all tasks: those to which it does
				 * not apply are passed over, not refused */
	/* what the tasks were when it was asked for, or NULL: one that
	 * somebody else has changed meanwhile is refused */
	const struct instance *before;
	const char *note;	/* kept in the markers, or NULL */
	/* unless NULL: told of each task that changed, and of each that
	 * cannot; or of the run, task "" */
	void (*changed)(const struct run *, const char *task, enum state from,
	    void *);
	void (*refused)(const struct run *, const char *task, const char *why,
	    void *);
	/* unless NULL: of each that waits again, to go by what those become */
	void (*revived)(const struct run *, const char *task, enum state from,
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
/*
 * Tells what change_run would do, with tasks in these states (which are
 * changed), and does nothing. Of the run its names and its plan are used.
 */
int change_dry(const struct change *, struct run *, struct instance *inst,
	bool *chosen);

#endif
