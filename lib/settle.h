/* settle: what follows from tasks that ended: synced together, released. */
#ifndef SETTLE_H
#define SETTLE_H

#include "kept.h"
#include "ready.h"

/*
 * The group commit: a dagexec hears of each task of its own that ended, and
 * gathers them. One sync of each run then comes before all that is released
 * by it, and before anybody is told. When it is time for that is the
 * caller's to say.
 */
struct settle {
	struct kept_runs runs;
	struct ended_task {
		char file[FILE_LEN];	/* as its marker was called in queue/ */
		enum state state;
	} *list;
	size_t n, cap;
	bool next;		/* something may follow from them */
};

/*
 * Adds a task that ended (READY: is to be tried again). 1: something may
 * follow, of which first is claimed first (its file is NULL); 0: nothing;
 * -1 and errno.
 */
int settle_add(struct settle *, const char *file, enum state,
	struct ready_task *first);
/* might what follows from that one, when it has ended, be claimed before t? */
bool settle_before(struct settle *, const char *file,
	const struct ready_task *t);
/* the one task that becomes ready by a success of that one, as far as can be
 * seen, if any slot may have it; its file is malloc'ed. false: there is none,
 * or several */
bool settle_follower(struct settle *, const char *file, struct ready_task *);
/*
 * Syncs, releases and evaluates, then calls told for each. -1 and errno: in
 * some run that failed; the others are done, and that one is not told of.
 */
int settle_commit(struct settle *, void (*told)(const char *file, enum state,
	void *), void *);
void settle_free(struct settle *);

#endif
