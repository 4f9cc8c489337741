/* layout: a place for each vertex of a graph, so that it can be drawn. */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "graph.h"

/*
 * Layers go from left to right: each vertex in one behind those of all its
 * upstreams. In a layer vertices lie below each other, at least two half rows
 * apart, so one can lie between two of its neighbours. An edge that goes
 * through other layers passes each at a place of its own: edge e, which is
 * up[e] of the graph, at bend[bendat[e]] to bend[bendat[e + 1] - 1], half
 * rows too, in the layers between its ends. Of a graph with too many of these
 * none are given: its edges are straight.
 */
struct layout {
	uint32_t layers;
	uint32_t height;	/* half rows: one more than the last used */
	uint32_t *layer, *row;	/* of each vertex; row counts half rows */
	uint32_t *bendat, *bend;
};

enum { LAYOUT_BENDS = 200000 };		/* at most */

/* 0, or -1 with errno ENOMEM; the graph has no cycle */
int layout_make(struct layout *, const struct graph *);
void layout_free(struct layout *);

#endif
