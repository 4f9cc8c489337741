/* why: what a task or run waits for, and what would satisfy it. */
#ifndef WHY_H
#define WHY_H

#include "view.h"

/*
 * Adds a line for each condition that keeps a task from going on, or says how
 * it ended; of a run: for the run, and each of its tasks but those that ended
 * well. -1 and errno, why may say more.
 */
int why_explain(struct spool *, const struct id *, struct view *,
	struct buf *why);

#endif
