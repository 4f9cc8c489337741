/* duty: one order of a supervisor: its task is claimed, run, and recorded. */
#ifndef DUTY_H
#define DUTY_H

#include "ahead.h"
#include "attempt.h"
#include "kept.h"

struct duty {
	int null;		/* /dev/null */
	struct kept_runs runs;
	struct attempt attempt;	/* the last one: closed behind the reply */
	struct attempt next;	/* is claimed: see duty_settle */
	bool claimed;
};

/* does what that order is there for, and says how that went */
void duty_do(struct duty *, const char *file, struct supervisor_reply *);
/* opens the run of that one, and makes what each needs: so it need not be done
 * when it is due. What goes wrong is said then */
void duty_expect(struct duty *, const char *file);
/*
 * Syncs the last attempt, a success, and releases what follows from it, as its
 * dagexec does otherwise: then it is settled. If nothing follows but the one
 * that the next order is for, that is claimed where it waits: one move for two.
 */
void duty_settle(struct duty *, const char *file, struct supervisor_reply *);
/* there is no such order: what is claimed for it is ready again */
void duty_drop(struct duty *);

#endif
