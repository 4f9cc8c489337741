/* overdue: slots that are due and have no run. */
#ifndef OVERDUE_H
#define OVERDUE_H

#include "buf.h"
#include "spool.h"

struct overdue {
	int64_t count;		/* of slots that would get a run now, and that
				 * were to have it longer ago than grace */
	int64_t first;		/* the first of these; if count is not 0 */
	char dag[NAME_LEN + 1];
};

enum { OVERDUE_MAX = 1000000 };		/* counted, at most */

/*
 * Looks at one DAG file; a program is not run for it, a DAG whose schedule
 * the spool has not seen, or that is paused, has none, nor has a file that is
 * broken. -1 and errno
 */
int overdue_file(struct spool *, const char *path, struct overdue *);

#endif
