/* alike: a run's graph in fewer boxes: tasks that are alike share one. */
#include <stdlib.h>
#include <string.h>

#include "alike.h"

static int
compare_lists(const uint32_t *a, uint32_t n, const uint32_t *b, uint32_t m)
{
	if (n != m)
		return n < m ? -1 : 1;
	return n ? memcmp(a, b, n * sizeof *a) : 0;
}

/* by neighbours and state: tasks for which it is 0 can share a box */
static int
compare(const void *a, const void *b, void *arg)
{
	const struct look *l = arg;
	const struct graph *g = &l->plan->graph;
	uint32_t s = *(const uint32_t *)a, t = *(const uint32_t *)b;
	int c;

	if (l->inst[s].state != l->inst[t].state)
		return l->inst[s].state < l->inst[t].state ? -1 : 1;
	c = compare_lists(g->up + g->upat[s], g->upat[s + 1] - g->upat[s],
	    g->up + g->upat[t], g->upat[t + 1] - g->upat[t]);
	if (c == 0)
		c = compare_lists(g->down + g->downat[s],
		    g->downat[s + 1] - g->downat[s], g->down + g->downat[t],
		    g->downat[t + 1] - g->downat[t]);
	return c;
}

static int
ordered(const void *a, const void *b, void *arg)
{
	uint32_t s = *(const uint32_t *)a, t = *(const uint32_t *)b;
	int c = compare(a, b, arg);

	return c ? c : (s > t) - (s < t);
}

/* fills in first: of each task, the first of those like it */
static int
find_first(const struct look *l, bool share, uint32_t *first)
{
	uint32_t n = l->plan->n, at = 0;
	uint32_t *order = calloc((size_t)n + 1, sizeof *order);

	if (!order)
		return -1;
	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	if (share)
		qsort_r(order, n, sizeof *order, ordered, (void *)(uintptr_t)l);
	for (uint32_t i = 0; i < n; i++) {
		if (!share || compare(&order[i], &order[at],
		    (void *)(uintptr_t)l) != 0)
			at = i;
		first[order[i]] = order[at];
	}
	free(order);
	return 0;
}

/*
 * The graph of the boxes: that of the first tasks. All tasks of a box have
 * the same neighbours, so no edge between two boxes is lost with them.
 */
static int
make_graph(struct alike *a, const struct graph *g, uint32_t n)
{
	uint32_t m = 0, *at = calloc((size_t)n + 1, sizeof *at);
	uint32_t *from = calloc((size_t)g->upat[g->n] + 1, sizeof *from);

	if (!at || !from) {
		free(at);
		free(from);
		return -1;
	}
	for (uint32_t i = 0; i < n; i++) {
		at[i] = m;
		for (uint32_t e = g->upat[a->task[i]];
		    e < g->upat[a->task[i] + 1]; e++)
			if (a->task[a->box[g->up[e]]] == g->up[e])
				from[m++] = a->box[g->up[e]];
	}
	at[n] = m;
	return graph_make(&a->graph, n, at, from);
}

int
alike_make(struct alike *a, const struct look *l, bool share)
{
	uint32_t n = l->plan->n, boxes = 0;

	*a = (struct alike){ .task = calloc((size_t)n + 1, sizeof *a->task),
	    .count = calloc((size_t)n + 1, sizeof *a->count),
	    .box = calloc((size_t)n + 1, sizeof *a->box) };
	if (!a->task || !a->count || !a->box ||
	    find_first(l, share, a->box) < 0)
		return -1;
	/* the first of those alike comes before the others */
	for (uint32_t t = 0; t < n; t++) {
		if (a->box[t] == t) {
			a->task[boxes] = t;
			a->box[t] = boxes++;
		} else
			a->box[t] = a->box[a->box[t]];
		a->count[a->box[t]]++;
	}
	return make_graph(a, &l->plan->graph, boxes);
}

void
alike_free(struct alike *a)
{
	graph_free(&a->graph);
	free(a->task);
	free(a->count);
	free(a->box);
	*a = (struct alike){0};
}
