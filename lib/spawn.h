/* spawn: a task's process, from its start to its last descendant. */
#ifndef SPAWN_H
#define SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <time.h>

#include "beat.h"
#include "resource.h"
#include "world.h"

struct spawn {
	int in, out;		/* descriptors for stdin; stdout and stderr */
	const int *keep;	/* others that it inherits */
	unsigned nkeep;
	const char *scriptdir;	/* where a script for an interpreter is put */
	int cgroup;		/* what is written "0" to enter it; or -1 */
	struct resource resource;
	struct beat *beat;	/* begun; or NULL */
	int64_t timeout, kill_after;	/* seconds; timeout 0: none */
	int stop_signal;	/* at the timeout */
	struct timespec begun;	/* set by spawn_start, of CLOCK_MONOTONIC */
};

struct ended {
	int status;		/* of wait(2) */
	bool never;		/* it was not started: there was no need, or no
				 * time */
	bool timed_out;
	bool told;		/* by an engine to end: fence.h */
	const char *want;	/* of what it has ended so, or NULL; "lease" */
	double wall;		/* seconds */
	struct rusage usage;
};

/*
 * Starts the command of a world in a session and process group of its own, in
 * its directory, with default signals; the process, or -1 and errno, and what
 * could not be done in why. A command that needs no shell and cannot be
 * executed is given to the shell, so that the message is the shell's.
 */
pid_t spawn_start(struct world *, const struct run *, uint32_t task,
	struct spawn *, struct buf *why);
/* waits for it; after the timeout its signal, then KILL to its group; at the
 * end KILL to what is left of the group. -1 and errno */
int spawn_wait(pid_t, const struct spawn *, struct ended *);
/* takes away the script of a world, if it has one; after its end */
void spawn_tidy(const struct world *);

#endif
