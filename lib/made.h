/* made: whether a task's outputs are up to date, and whether it made them. */
#ifndef MADE_H
#define MADE_H

#include "attempt.h"

/* nothing is set for a task without targets */
struct made {
	char mark[TARGET_MARK];	/* what its success is marked with */
	const char *cause;	/* why it runs */
	bool nothing;		/* there is nothing to do */
	bool unmade;		/* its outputs are not there, though it ended
				 * well: the log says which */
};

/* before it is started, of a DAG with targets: 0 it is to run; 1 there is
 * nothing to do; -1 and why: it cannot run */
int made_begin(struct attempt *, const struct world *, struct made *,
	struct buf *why);
/* after it ended: publishes its outputs if it was good, and sees whether they
 * are there; -1 and errno */
int made_end(struct attempt *, const struct world *, struct made *, bool good);

#endif
