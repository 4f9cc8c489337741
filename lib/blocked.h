/* blocked: what waits because of a task that failed. */
#ifndef BLOCKED_H
#define BLOCKED_H

#include "view.h"

/*
 * Adds a line for each failed task of a run (of a task: if it failed): since
 * when, and which tasks wait because of it. -1 and errno, why may say more.
 */
int blocked_run(struct spool *, const struct id *, struct view *,
	struct buf *why);

#endif
