/* kill: ends a running attempt, whole, and waits for that. */
#ifndef KILL_H
#define KILL_H

#include "spool.h"

/*
 * Kills attempt n of a task: says so in its marker (so that it is not
 * retried), sends TERM, and after the task's kill-after KILL, to all of its
 * processes; returns when they are gone and the end is recorded. If another
 * kills it already, TERM is not sent once more. 1 it was killed, 0 it was not
 * running any more, -1 and errno.
 */
int kill_attempt(struct run *, uint32_t task, unsigned n, const char *note);
/* the same of those of the chosen tasks that run, all at a time: which were
 * killed, unless that is NULL; 0, or -1 and errno of one that still does */
int kill_chosen(struct run *, const bool *chosen, bool *killed,
	const char *note);
/* the same of all that runs in a run, but teardowns; -1 and errno: something
 * still does */
int kill_running(struct run *, const char *note);

#endif
