/* timeline: when the tasks of a run ran, for its page. */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "sight.h"

enum { TIMELINE_BARS = 100 };	/* of more: those that count most */

/*
 * A table, a row a task that has begun, by its start, its attempts as bars as
 * wide as there is room, the critical path marked; nothing if none has. base
 * is put before the names of the tasks' pages. -1, ENOMEM
 */
int timeline_put(struct sight *, int64_t now, const char *base, struct buf *);

#endif
