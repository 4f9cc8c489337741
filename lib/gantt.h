/* gantt: a run's tasks against time, the chain that made it so long marked. */
#ifndef GANTT_H
#define GANTT_H

#include "ids.h"
#include "term.h"

/*
 * Appends the timeline of a run: a line for each task that has begun, by its
 * start, its attempts since it was last rerun as bars. Those of the critical
 * path are full and have a '*'. Of more than PICTURE_LINES (grid.h) tasks
 * those that failed, run or are on that path, then the longest, unless all.
 * -1 and errno, why says more: as look_open.
 */
int gantt_put(struct spool *, const struct id *, const struct term *,
	bool all, struct buf *, struct buf *why);

#endif
