/* launching: the process of a dagexec that gives tasks to engines. */
#ifndef LAUNCHING_H
#define LAUNCHING_H

#include "beside.h"
#include "launch.h"

/*
 * It holds no slot, and is started when something is ready for an engine, or
 * an engine is to be asked; it makes one step, launch.h, and leaves. That it
 * uses little of the time is seen to here.
 */
struct launching {
	struct beside beside;
	struct launch_step *step;	/* shared with it */
	bool used;		/* there is, or was, something for engines */
	bool look;		/* a step is to be made */
	bool left;		/* the last one had no room for all, */
	unsigned open;		/* and left so many elements with engines */
	bool last;		/* one was made since nothing ran any more */
	int64_t not_before;	/* but not before that, ms, CLOCK_MONOTONIC */
	int64_t due;		/* when a step is due, 0: none is */
	unsigned tries;		/* that ended badly, in a row */
	/* of what is ready for engines, one that was seen; "" : none */
	char seen[FILE_LEN];
	int64_t looked;		/* last, whether all is over */
};

/* a marker in queue/ is for an engine, due at that instant (0: now); arrived:
 * it has just come there */
void launching_add(struct launching *, const char *file, int64_t due,
	bool arrived);
/* all of queue/ is about to be looked through */
void launching_scan(struct launching *);
/* who was here before may have left engines something: a step is made, if so;
 * -1 and errno */
int launching_found(struct launching *, struct spool *);
/* one that works on the spool may have left: there may be room */
void launching_left(struct launching *, bool left);
/* starts a step if one is due, sees what came of it; of which runs, as the
 * step has it. -1 and errno */
int launching_step(struct launching *, struct spool *, const char *only_dag,
	const char *only_run, bool only_family, unsigned *failed);
/* when it is to be called again, 0: when something happens; and how long to
 * sleep at most, ms, of what the caller would (-1: for ever) */
int64_t launching_due(const struct launching *, bool drain);
int launching_patience(const struct launching *, int ms);
/* is something ready for engines, or being given to them? or is it too early
 * to look at all again, with what they have? */
bool launching_busy(struct launching *, const struct spool *);
/* nothing is ready, and nothing runs: have engines nothing any more? adds up
 * what failed */
bool launching_over(struct launching *, struct spool *, unsigned *failed);

#endif
