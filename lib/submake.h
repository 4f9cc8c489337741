/* submake: the run of a DAG that a task of another wants: found, or made. */
#ifndef SUBMAKE_H
#define SUBMAKE_H

#include "attempt.h"
#include "child.h"

/*
 * Finds the run of the task's "dag" for the logical time of its own run, or
 * makes it: one rename, as dagq does. 0 and which it is; 1: it cannot be had,
 * and why says so; -1 and errno.
 */
int submake_run(struct attempt *, const struct world_run *, struct child *,
	bool *made, struct buf *why);
/* would the task wait for its own run? 1 and how in why; 0, -1 and errno. Its
 * marker says what it waits for */
int submake_cycle(struct attempt *, const struct child *, struct buf *why);

#endif
