/* child: another program, and what it prints within a time. */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>

#include "buf.h"

struct child {
	const char *const *argv;	/* argv[0] is looked up, unless it
					 * has a slash */
	const char *dir;		/* where it is; NULL: where we are */
	const char *in;			/* its stdin; NULL: nothing */
	bool quiet;			/* its stderr is not ours */
	int ms;				/* it may run, at most */
	size_t max;			/* and print */
};

enum child_end { CHILD_ENDED, CHILD_TOO_LONG, CHILD_TOO_MUCH, CHILD_NOT };

/*
 * Runs it in a process group of its own, of which nothing is left in the end;
 * what it printed is appended to out. CHILD_ENDED: status as of wait(2);
 * CHILD_NOT: it could not be started, and status is an errno. -1 and errno.
 */
int child_run(const struct child *, struct buf *out, int *status);

#endif
