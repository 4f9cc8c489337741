/* logtail: the end of an attempt's log, as its marker keeps it. */
#ifndef LOGTAIL_H
#define LOGTAIL_H

#include "spool.h"

/* appends the last lines of log/TASK.N, each behind "| " */
void logtail_put(const struct run *, const char *task, unsigned n,
	struct buf *out);

#endif
