/* critical: the chain of tasks that makes a run as long as it is. */
#include <stdlib.h>

#include "critical.h"

/* the upstream whose chain is longest, or v itself: it has none */
static uint32_t
longest(const struct graph *g, const double *sum, uint32_t v)
{
	uint32_t best = v, u;

	for (uint32_t e = g->upat[v]; e < g->upat[v + 1]; e++) {
		u = g->up[e];
		if (best == v || sum[u] > sum[best])
			best = u;
	}
	return best;
}

/* the length of the longest chain that ends with each vertex */
static void
add_up(const struct graph *g, const uint32_t *order, const double *seconds,
    double *sum)
{
	for (uint32_t i = 0; i < g->n; i++) {
		uint32_t v = order[i], u = longest(g, sum, v);

		sum[v] = (u == v ? 0 : sum[u]) +
		    (seconds[v] > 0 ? seconds[v] : 0);
	}
}

uint32_t *
critical_path(const struct graph *g, const double *seconds, size_t *len,
    double *total)
{
	uint32_t *path = graph_order(g), last = 0, n = 0, v;
	double *sum = malloc(((size_t)g->n + 1) * sizeof *sum);

	*total = 0;
	*len = path && sum ? 0 : (size_t)-1;
	if (*len || g->n == 0) {
		free(path);
		free(sum);
		return NULL;
	}
	add_up(g, path, seconds, sum);
	for (v = 1; v < g->n; v++)
		if (sum[v] > sum[last])
			last = v;
	*total = sum[last];
	for (v = last;; v = longest(g, sum, v)) {
		path[n++] = v;
		if (g->upat[v] == g->upat[v + 1])
			break;
	}
	free(sum);
	*len = n;
	for (uint32_t i = 0, j = n - 1; i < j; i++, j--) {
		v = path[i];
		path[i] = path[j];
		path[j] = v;
	}
	return path;
}
