/* needs: which of the files that a task needs are there. */
#ifndef NEEDS_H
#define NEEDS_H

#include "need.h"
#include "spool.h"

/* one path of a list */
struct needs_seen {
	struct need need;
	const char *word;	/* as it is written */
	int64_t found, wanted;	/* files; of a range, slots that have one */
	int64_t slots;		/* of a range: those that there are */
	struct buf missing;	/* paths, a NUL behind each; the latest first */
	struct buf why;		/* what of it cannot be told, or "" */
};

/*
 * Looks for each path that a task of a run (its plan loaded) needs and calls
 * f; nonzero ends it, and is returned. 0 at the end; -1 and errno: the system
 * failed. A path that cannot be made out is not there.
 */
int needs_each(struct run *, uint32_t task,
	int (*f)(const struct needs_seen *, void *), void *);
/* are they there, enough of them? */
bool needs_met(const struct needs_seen *);

#endif
