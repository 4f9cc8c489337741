/* made: whether a task's outputs are up to date, and whether it made them. */
#ifndef MADE_H
#define MADE_H

#include "attempt.h"

/*
 * Before a task is started, of a DAG with targets: 1 there is nothing to do;
 * 0 it is to run, since *cause (NULL: it has no targets); -1 and why: it
 * cannot. mark is what its end will be marked with.
 */
int made_begin(struct attempt *, const struct world *, char mark[TARGET_MARK],
	const char **cause, struct buf *why);
/* after it ended; good: as a success. 0 its outputs are published and there;
 * 1 they are not, and the log says why; -1 and errno */
int made_end(struct attempt *, const struct world *, bool good,
	const char *mark);

#endif
