/* notify: what is to be told of a task, or a run, into the outbox. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "spool.h"

/* the words of notify-on, ended by NULL */
extern const char *const notify_events[];

/* what became of an attempt */
struct notify {
	unsigned attempt;
	enum state state;	/* READY: to be tried again */
	const char *exit;	/* code or signal, or NULL */
	const char *cause;	/* exit, signal, timeout, lost, … */
	bool lost;		/* nobody knows how it ended */
};

/*
 * Both are called before the move that they tell of, which may not come: who
 * delivers looks whether it has. Nothing is done where nothing is asked for.
 * -1 and errno.
 */
int notify_task(const struct run *, uint32_t task, const struct notify *);
/* the end of a run, all tasks of which have ended; or, state RUN_ACTIVE, that
 * it is tried again, for the n-th time */
int notify_run(struct run *, enum run_state, const struct instance *,
	unsigned n);
/* a deadline of a task, or (NULL) of the run, has passed: state is what becomes
 * of it then, reason its name */
int notify_deadline(const struct run *, const char *task, const char *state,
	const char *reason);
/* has what a notice tells of come to pass? 1, 0 not yet, -1 it never will */
int notify_true(struct spool *, const char *file, const char *id,
	unsigned attempt, const char *event, const char *cause);

#endif
