/* outlook: when a DAG is due next, what it missed lately, what is wrong. */
#ifndef OUTLOOK_H
#define OUTLOOK_H

#include "plan.h"
#include "spool.h"

enum { OUTLOOK_DAYS = 7 };

struct outlook {
	char due[INSTANT_LEN];		/* the next run, or "" */
	uint64_t missed;		/* slots, of the last days */
	char slot[RUN_LEN + 1];		/* the last of them, */
	char reason[96];		/* and why; both may be "" */
	uint64_t overdue;		/* slots that ought to have a run, */
	char since[INSTANT_LEN];	/* and when the first was due */
	char error[256];		/* its file cannot be read; or "" */
};

/*
 * As its DAG file says today: that of the plan of its latest run (NULL: there
 * is none), else the one of its name in $DAG_PATH; as the plan says where it
 * is not there, has an error, or is a program, which is not run for it.
 */
void outlook_make(struct outlook *, struct spool *, const char *dag,
	const struct plan *, int64_t now);

#endif
