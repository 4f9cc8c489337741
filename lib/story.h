/* story: what happened to a task: its attempts, and what operators did. */
#ifndef STORY_H
#define STORY_H

#include "look.h"
#include "view.h"

/*
 * Adds a line for each attempt of a task, or of all tasks of a run, and for
 * each thing done to it by hand; of a run that is neither in runs/ nor in
 * archive/, what the history has: its attempts. -1 and errno, why may say
 * more: ENOENT nothing is known of it.
 */
int story_run(struct spool *, const struct id *, struct view *,
	struct buf *why);
/* the same, of all tasks of a run that has been looked at */
void story_look(struct look *, struct view *);

#endif
