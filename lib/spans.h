/* spans: when a task ran: its attempts since it was last rerun. */
#ifndef SPANS_H
#define SPANS_H

#include <stdbool.h>

#include "buf.h"
#include "look.h"

/* seconds since 1970 */
struct span {
	double from, to;
};

/* zero at first; spans_free at last */
struct spans {
	struct span all;	/* from the first start to the last end */
	struct span *each;	/* the attempts, those looks of a sensor too */
	size_t n, cap;
	struct buf text;
};

/* from a task's first start, since it was rerun, to its last end, or until
 * now; false: it has not begun */
bool spans_all(const struct marker_sum *, enum state, double now,
	struct span *);
/* finds those of a task, of which sum is known; what runs does until now.
 * false: it has not begun, or memory failed: there are none */
bool spans_find(struct spans *, struct look *, uint32_t task,
	const struct marker_sum *sum, double now);
void spans_free(struct spans *);

#endif
