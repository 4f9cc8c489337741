/* stage: $DAG_STAGE: made, published over a task's outputs, taken away. */
#ifndef STAGE_H
#define STAGE_H

#include "marker.h"
#include "spool.h"
#include "target.h"

/*
 * dagspool(5), "Publishing", says the order of steps. The stage is beside the
 * first output. An output that is on another file system is copied beside
 * its place first, so that renames are all that is left to do.
 */

/* makes an empty one, as the marker fd says before, and the directories of
 * all outputs; -1, errno, why */
int stage_make(const struct target *, int fd, struct buf *why);
/*
 * Publishes what attempt n left in the stage, as the marker fd says before
 * the first rename; then all outputs are there. 0; 1: refused, and nothing is
 * published: why says what is wrong; -1 and errno: it is left to recovery.
 */
int stage_publish(struct spool *, const struct target *, int fd, unsigned n,
	const char *mark, struct buf *why);
/*
 * Ends what a dead supervisor had begun, as the text of a marker (changed)
 * has it: publishes all, or removes the stage. 1 all is published, and mark
 * is that of the attempt; 0 it was not to be; -1 and errno.
 */
int stage_recover(struct spool *, char *text, char mark[TARGET_MARK]);
/* removes it, and what is in it */
int stage_remove(const char *stage);

#endif
