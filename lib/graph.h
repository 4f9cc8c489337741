/* graph: tasks as numbers, edges as lists. Nothing here recurses. */
#ifndef GRAPH_H
#define GRAPH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Vertices are 0 to n-1. The upstreams of v are up[upat[v]] to
 * up[upat[v+1]-1], in the order they were given; likewise down and downat,
 * in ascending order.
 */
struct graph {
	uint32_t n, *up, *upat, *down, *downat;
};

/*
 * Builds a graph of n vertices from m edges that come grouped: the upstreams
 * of vertex v are from[at[v]] to from[at[v+1]-1]. Takes ownership of from
 * and at (malloc'ed) in any case. 0, or -1 with errno ENOMEM.
 */
int graph_make(struct graph *, uint32_t n, uint32_t *at, uint32_t *from);
void graph_free(struct graph *);
/*
 * Finds a cycle: its vertices, each an upstream of the one after it and the
 * last of the first, malloc'ed, their number in *len (the caller frees); *len
 * 0 and NULL: there is none. NULL with *len (size_t)-1: ENOMEM.
 */
uint32_t *graph_cycle(const struct graph *, size_t *len);

/* Vertices so that each comes after its upstreams (the graph has no cycle);
 * malloc'ed, NULL: ENOMEM */
uint32_t *graph_order(const struct graph *);

#endif
