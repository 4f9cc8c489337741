/* alike: a run's graph in fewer boxes: tasks that are alike share one. */
#ifndef ALIKE_H
#define ALIKE_H

#include <stdbool.h>

#include "look.h"

struct alike {
	struct graph graph;	/* of the boxes */
	uint32_t *task;		/* of each box: the first it stands for */
	uint32_t *count;	/* of each box: how many it stands for */
	uint32_t *box;		/* of each task: its box */
};

/*
 * Unless share, each task has a box of its own. Else those that come after
 * the same, have the same after them, and are in the same state, share one.
 * -1, ENOMEM; alike_free in any case
 */
int alike_make(struct alike *, const struct look *, bool share);
void alike_free(struct alike *);

#endif
