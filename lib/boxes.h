/* boxes: a run's graph in boxes and lines, with the states of its tasks. */
#ifndef BOXES_H
#define BOXES_H

#include "ids.h"
#include "term.h"

/*
 * Appends it, from left to right. Of more than PICTURE_LINES (grid.h) tasks
 * those with the same upstreams, the same tasks after them and the same state
 * are one box, unless all. What does not fit the terminal's width becomes a
 * list: a line a task, behind it its upstreams. -1 and errno, why says more:
 * as look_open.
 */
int boxes_put(struct spool *, const struct id *, const struct term *,
	bool all, struct buf *, struct buf *why);

#endif
