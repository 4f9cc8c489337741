/* ender: the process of a dagexec that ends what runs in runs that failed. */
#ifndef ENDER_H
#define ENDER_H

#include "beside.h"

/* It waits for what it ends, up to its kill-after: a dagexec must not. */
struct ender {
	struct beside beside;
	struct buf runs;	/* for the next one: DAG/RUN, a line each, put
				 * there by eval_run */
};

/* starts it if there is something for it, sees whether it has left; -1 and
 * errno: those runs are to be looked at again */
int ender_step(struct ender *, struct spool *);
bool ender_busy(const struct ender *);

#endif
