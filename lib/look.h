/* look: a run as it is now: its tasks and their states, archived or not. */
#ifndef LOOK_H
#define LOOK_H

#include "ids.h"
#include "marker.h"
#include "spool.h"

struct look {
	struct id id;		/* of the run; archived is as it was found */
	struct run run;		/* open, unless it is archived */
	enum run_state state;
	const struct plan *plan;
	struct instance *inst;	/* a task each, in the order of the plan */
	/* archived only: */
	struct plan own;
	struct buf plantext, record;
	struct maps *maps;
	/* the text of each marker, NULL: none; not archived: only if kept */
	char **marker;
};

/*
 * Looks at the run of id (its task is no matter). -1 and errno; why says more
 * in words, or is empty. ENOENT: it is neither in runs/ nor in archive/;
 * EINVAL its plan is damaged; EBADMSG its archive is. look_close if 0.
 */
int look_open(struct spool *, const struct id *, struct look *,
	struct buf *why);
/*
 * The same, of a run in runs/ in which nothing moves, of whose tasks the
 * markers were seen; only those that are among names (n bytes, a NUL behind
 * each) are known then, the states of all others are STATE_NONE.
 */
int look_named(struct spool *, const struct id *, const char *names, size_t n,
	struct look *, struct buf *why);
void look_close(struct look *);
/* reads all markers, once for all who ask for them; -1, ENOMEM */
int look_keep(struct look *);
/* appends what is in the marker of a task; nothing if it cannot be read */
void look_text(struct look *, uint32_t task, struct buf *);
/* the same, added up; all empty if it cannot be read */
void look_marker(struct look *, uint32_t task, struct marker_sum *);
/* appends the run's record */
int look_record(struct look *, struct buf *);

#endif
