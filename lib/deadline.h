/* deadline: when a task or a run has to have begun, or ended, and what then. */
#ifndef DEADLINE_H
#define DEADLINE_H

#include "spool.h"
#include "value.h"

enum { DEADLINE_RUN = -1 };	/* in place of a task: the run itself */

enum deadline_kind {
	DEADLINE_START_BY, DEADLINE_END_BY,
	DEADLINE_TIMEOUT,		/* of the run */
	DEADLINE_KINDS
};

struct deadline {
	int64_t at;
	enum deadline_then then;
	const char *reason;	/* what it is called in a marker */
};

/* what the deadlines of a run are counted from */
struct deadlines {
	const struct run *run;
	int64_t due;		/* its slot; without one, when it was made */
	int64_t start;		/* when it became active, or was rerun */
	int64_t lifted;		/* a person's rerun: none before it counts */
	const struct tz *zone;
};

/* reads that; the run's plan is loaded, and has PLAN_DEADLINES. -1 and errno */
int deadlines_load(struct deadlines *, const struct run *);
/* a deadline of a task, or of the run; false: there is none, or it is lifted */
bool deadline_of(const struct deadlines *, int64_t task, enum deadline_kind,
	struct deadline *);
/* is that a reason for which no retry of the run is worth it? */
bool deadline_final(const char *reason);
/*
 * Judges what is due of a locked run that has not ended: tasks that do not
 * run are skipped or failed, and inst says so then; those that do run are
 * ended by their supervisors (limit.h). Each warning is given once. The
 * spool's alarm is set to the next one, if that is sooner. -1 and errno.
 */
int deadline_judge(struct run *, struct instance *inst);
/* the same of one that waits for its place */
int deadline_waiting(struct run *);
/*
 * THE event: a deadline has passed. It is written to the history, and is for
 * the caller to write into the marker. task: NULL, of the run. -1 and errno
 */
int deadline_passed(const struct run *, const char *task,
	const struct deadline *);
/* the run is about to become active: kept, since its timeout begins */
int deadline_begin(const struct run *);

#endif
