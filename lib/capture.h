/* capture: another program, and what it prints within a time. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stdbool.h>

#include "buf.h"

struct capture {
	const char *const *argv;	/* argv[0] is looked up, unless it
					 * has a slash */
	const char *dir;		/* where it is; NULL: where we are */
	const char *in;			/* its stdin; NULL: nothing */
	bool quiet;			/* its stderr is not ours */
	int ms;				/* it may run, at most */
	size_t max;			/* and print */
};

enum capture_end {
	CAPTURE_ENDED, CAPTURE_TOO_LONG, CAPTURE_TOO_MUCH, CAPTURE_NOT
};

/*
 * Runs it in a process group of its own, of which nothing is left in the end;
 * what it printed is appended to out. CAPTURE_ENDED: status as of wait(2);
 * CAPTURE_NOT: it could not be started, and status is an errno. -1 and errno.
 */
int capture_run(const struct capture *, struct buf *out, int *status);

#endif
