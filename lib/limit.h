/* limit: how long an attempt may take, and what becomes of one that does. */
#ifndef LIMIT_H
#define LIMIT_H

#include "attempt.h"

struct limit {
	int64_t attempt;	/* seconds that each attempt has, 0: any */
	int64_t end;		/* when the last has to be over, 0: never */
	const char *reason;	/* what that is called, */
	enum state then;	/* and what the task is after it */
	int64_t kill_after;	/* seconds from the signal to KILL */
	int stop_signal;
	bool tree;		/* it is to be ended with all it starts */
};

/* the limits of a claimed attempt */
void limit_of(struct limit *, const struct attempt *);
/* how many seconds it has from now on, 0: any; -1: its time is over */
int64_t limit_left(const struct limit *);
/* is it, at that instant, too late for another attempt? */
bool limit_over(const struct limit *, int64_t at);

#endif
