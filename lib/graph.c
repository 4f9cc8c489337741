/* graph: tasks as numbers, edges as lists. Nothing here recurses. */
#include <stdlib.h>
#include <string.h>

#include "graph.h"

int
graph_make(struct graph *g, uint32_t n, uint32_t *at, uint32_t *from)
{
	uint32_t m = at[n], *fill;

	*g = (struct graph){.n = n, .up = from, .upat = at};
	g->downat = calloc((size_t)n + 2, sizeof *g->downat);
	g->down = malloc(((size_t)m + 1) * sizeof *g->down);
	if (!g->downat || !g->down) {
		graph_free(g);
		return -1;
	}
	/* counts two places on, so that filling leaves the starts behind */
	fill = g->downat + 1;
	for (uint32_t e = 0; e < m; e++)
		if (from[e] + 1 < n)
			fill[from[e] + 1]++;
	for (uint32_t v = 1; v < n; v++)
		fill[v] += fill[v - 1];
	for (uint32_t v = 0; v < n; v++)
		for (uint32_t e = at[v]; e < at[v + 1]; e++)
			g->down[fill[from[e]]++] = v;
	return 0;
}

void
graph_free(struct graph *g)
{
	free(g->up);
	free(g->upat);
	free(g->down);
	free(g->downat);
	*g = (struct graph){0};
}

/* Kahn: takes away what has no upstream left, in order; what stays has a
 * cycle. left[v] becomes 0 for all that were taken; how many */
static uint32_t
sort(const struct graph *g, uint32_t *left, uint32_t *order)
{
	uint32_t v, n = 0, end = 0;

	for (v = 0; v < g->n; v++)
		if ((left[v] = g->upat[v + 1] - g->upat[v]) == 0)
			order[end++] = v;
	while (n < end) {
		v = order[n++];
		for (uint32_t e = g->downat[v]; e < g->downat[v + 1]; e++)
			if (--left[g->down[e]] == 0)
				order[end++] = g->down[e];
	}
	return n;
}

uint32_t *
graph_order(const struct graph *g)
{
	uint32_t *left = malloc(((size_t)g->n + 1) * sizeof *left);
	uint32_t *order = malloc(((size_t)g->n + 1) * sizeof *order);

	if (left && order) {
		sort(g, left, order);
	} else {
		free(order);
		order = NULL;
	}
	free(left);
	return order;
}

uint32_t *
graph_cycle(const struct graph *g, size_t *len)
{
	uint32_t *left, *path, v, n, at = 0;

	*len = (size_t)-1;
	left = malloc(((size_t)g->n + 1) * sizeof *left);
	path = malloc(((size_t)g->n + 1) * sizeof *path);
	if (!left || !path) {
		free(left);
		free(path);
		return NULL;
	}
	*len = 0;
	if (sort(g, left, path) == g->n) {
		free(left);
		free(path);
		return NULL;
	}
	/* upstream from any that stays, until a vertex comes twice */
	for (v = 0; left[v] == 0; v++)
		;
	for (n = 0; left[v] != UINT32_MAX; n++) {
		path[n] = v;
		left[v] = UINT32_MAX;
		for (uint32_t e = g->upat[v]; e < g->upat[v + 1]; e++)
			if (left[g->up[e]] != 0) {
				v = g->up[e];
				break;
			}
	}
	while (path[at] != v)
		at++;
	free(left);
	*len = n - at;
	for (uint32_t i = at, j = n - 1; i < j; i++, j--) {
		v = path[i];
		path[i] = path[j];
		path[j] = v;
	}
	memmove(path, path + at, *len * sizeof *path);
	return path;
}
