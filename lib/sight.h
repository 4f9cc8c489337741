/* sight: a run as a page shows it: what its tasks did, when, and why. */
#ifndef SIGHT_H
#define SIGHT_H

#include "look.h"
#include "sign.h"
#include "spans.h"

enum { SIGHT_PAGES = 2000 };

struct sight_task {
	struct instance in;
	struct marker_sum sum;
	double seconds;		/* of its last attempt; below 0: not known */
	struct span all;	/* of all; from is below 0: it has not begun */
	bool critical;
};

struct sight {
	struct look look;
	struct sight_task *task;
	char start[INSTANT_LEN], end[INSTANT_LEN], cause[24];
	double seconds;		/* it took, or takes; below 0: not known */
	unsigned count[STATES];
};

/* takes a run in; now is for what runs. As look_open; sight_close if 0 */
int sight_open(struct spool *, const struct id *, int64_t now, struct sight *,
	struct buf *why);
void sight_close(struct sight *);
/* has a task a page of its own? of a very large run those that did not end
 * well have */
bool sight_has_page(const struct sight *, uint32_t task);
/* appends how a task ended, in a few words: "exit 3", "timeout", or nothing */
void sight_how(const struct sight_task *, struct buf *);
/* appends the last lines of a failed task's log that its marker has, or the
 * last one that is not blank */
void sight_log(struct sight *, uint32_t task, bool last, struct buf *);

#endif
