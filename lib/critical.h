/* critical: the chain of tasks that makes a run as long as it is. */
#ifndef CRITICAL_H
#define CRITICAL_H

#include "graph.h"

/*
 * Of all chains of tasks that follow one another the one whose times add up
 * to most: malloc'ed, first to last, *len of them, *total its seconds.
 * seconds is a time for each vertex, below 0: it is not known and counts as
 * 0. Of equal ones the first in the plan. NULL with *len 0: there is no
 * vertex, with (size_t)-1: ENOMEM.
 */
uint32_t *critical_path(const struct graph *, const double *seconds,
	size_t *len, double *total);

#endif
