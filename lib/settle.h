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
	bool next;		/* something may follow from them, */
	struct ready_task first;	/* this first; its file is NULL */
	bool uneven;		/* and not all have its priority */
};

/* adds a task that ended (READY: is to be tried again). 0; -1 and errno */
int settle_add(struct settle *, const char *file, enum state);
/* does something that may follow come before all that is ready? */
bool settle_urgent(const struct settle *, const struct ready *);
/* the first to be claimed of what comes after that one (its file is NULL), and
 * how many do: 0, 1, 2: several; -1: it cannot be told */
int settle_first(struct settle *, const char *file, struct ready_task *first);
/* the one task that becomes ready by a success of that one, as far as can be
 * seen, if any slot may have it; its file is malloc'ed. false: there is none,
 * or several */
bool settle_follower(struct settle *, const char *file, struct ready_task *);
/*
 * Syncs, releases and evaluates, then calls told for each. 0; 1: there were so
 * many that it released the first of them: it is to be called again, and those
 * may be begun before that. -1 and errno: in some run that failed; the others
 * are done, and of that one nothing is told.
 */
int settle_commit(struct settle *, void (*told)(const char *file, enum state,
	void *), void *);
void settle_free(struct settle *);

#endif
