/* assets: assets/log, a line for each time that a task produced something. */
#ifndef ASSETS_H
#define ASSETS_H

#include "rec.h"
#include "spool.h"

/*
 * Records that a task of a locked run, which is a success, has produced what
 * its plan says, once for each success: dagspool(5) says how. -1 and errno.
 */
int assets_record(struct run *, uint32_t task);
/*
 * Calls f with each record in the log from an offset on, and where its line
 * ends; nonzero ends it and is returned. A line that is being written is left
 * out. 0 at the end, also if there is no log; -1 and errno.
 */
int assets_each(struct spool *, int64_t from,
	int (*f)(const struct rec *, int64_t end, void *), void *);
/* how long the log is; 0 there is none, -1 and errno */
int64_t assets_size(struct spool *);

#endif
