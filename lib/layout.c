/* layout: a place for each vertex of a graph, so that it can be drawn. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

/*
 * Layers by the longest way from a root; a knot for each vertex, and for each
 * layer that an edge passes through; knots ordered by the mean of their
 * neighbours, to and fro; then moved, without changing that order, to where
 * their neighbours are.
 */
enum { SWEEPS = 8 };

struct work {
	struct graph g;		/* knots: vertices, then bends */
	uint32_t *layer;	/* of each knot */
	uint32_t *at, *list;	/* knots of layer l: list[at[l]], … */
	uint32_t *place;	/* of each knot in its layer */
	double *row;
	struct want {
		double key, sum;
		uint32_t knot, n;
	} *want;		/* room for all knots */
};

static int
find_layers(struct layout *l, const struct graph *g)
{
	uint32_t *order = graph_order(g), v, u;

	if (!order)
		return -1;
	for (uint32_t i = 0; i < g->n; i++) {
		v = order[i];
		l->layer[v] = 0;
		for (uint32_t e = g->upat[v]; e < g->upat[v + 1]; e++) {
			u = g->up[e];
			if (l->layer[u] >= l->layer[v])
				l->layer[v] = l->layer[u] + 1;
		}
		if (l->layer[v] >= l->layers)
			l->layers = l->layer[v] + 1;
	}
	free(order);
	return 0;
}

/* where the bends of each edge are; how many */
static uint32_t
count_bends(struct layout *l, const struct graph *g)
{
	uint64_t n = 0;

	for (uint32_t v = 0; v < g->n; v++)
		for (uint32_t e = g->upat[v]; e < g->upat[v + 1]; e++) {
			l->bendat[e] = (uint32_t)n;
			n += l->layer[v] - l->layer[g->up[e]] - 1;
			if (n > LAYOUT_BENDS) {
				memset(l->bendat, 0, ((size_t)g->upat[g->n] +
				    1) * sizeof *l->bendat);
				return 0;
			}
		}
	l->bendat[g->upat[g->n]] = (uint32_t)n;
	return (uint32_t)n;
}

/* the graph of knots: each edge goes from one layer to the next, or it is
 * one that has been given no bends */
static int
tie(struct work *w, const struct layout *l, const struct graph *g,
    uint32_t bends)
{
	uint32_t n = g->n + bends, m = 0;
	uint32_t *at = malloc(((size_t)n + 1) * sizeof *at);
	uint32_t *from = malloc(((size_t)g->upat[g->n] + bends + 1) *
	    sizeof *from);

	if (!at || !from) {
		free(at);
		free(from);
		return -1;
	}
	for (uint32_t v = 0; v < g->n; v++) {
		w->layer[v] = l->layer[v];
		at[v] = m;
		for (uint32_t e = g->upat[v]; e < g->upat[v + 1]; e++)
			from[m++] = l->bendat[e] < l->bendat[e + 1] ?
			    g->n + l->bendat[e + 1] - 1 : g->up[e];
	}
	for (uint32_t e = 0; e < g->upat[g->n]; e++)
		for (uint32_t b = l->bendat[e]; b < l->bendat[e + 1]; b++) {
			w->layer[g->n + b] = l->layer[g->up[e]] + 1 + b -
			    l->bendat[e];
			at[g->n + b] = m;
			from[m++] = b == l->bendat[e] ? g->up[e] :
			    g->n + b - 1;
		}
	at[n] = m;
	return graph_make(&w->g, n, at, from);
}

static void
fill_layers(struct work *w, uint32_t layers)
{
	for (uint32_t k = 0; k < w->g.n; k++)
		w->at[w->layer[k] + 1]++;
	for (uint32_t i = 0; i < layers; i++)
		w->at[i + 1] += w->at[i];
	for (uint32_t k = 0; k < w->g.n; k++)
		w->place[k] = w->at[w->layer[k]]++;
	memmove(w->at + 1, w->at, layers * sizeof *w->at);
	w->at[0] = 0;
	for (uint32_t k = 0; k < w->g.n; k++) {
		w->list[w->place[k]] = k;
		w->place[k] -= w->at[w->layer[k]];
		w->row[k] = 2 * w->place[k];
	}
}

/* the mean over a knot's neighbours on one side, or both; what it is where
 * there are none */
static double
mean(const struct work *w, uint32_t k, bool up, bool down, bool rows)
{
	const struct graph *g = &w->g;
	double sum = 0;
	uint32_t n = 0;

	for (uint32_t e = g->upat[k]; up && e < g->upat[k + 1]; e++, n++)
		sum += rows ? w->row[g->up[e]] : w->place[g->up[e]];
	for (uint32_t e = g->downat[k]; down && e < g->downat[k + 1]; e++, n++)
		sum += rows ? w->row[g->down[e]] : w->place[g->down[e]];
	return n ? sum / n : rows ? w->row[k] : w->place[k];
}

static int
compare(const void *a, const void *b)
{
	const struct want *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->n > y->n) - (x->n < y->n);
}

/* orders a layer by its neighbours' places */
static void
sort(struct work *w, uint32_t layer, bool up)
{
	uint32_t n = w->at[layer + 1] - w->at[layer];
	uint32_t *list = w->list + w->at[layer];

	for (uint32_t i = 0; i < n; i++)
		w->want[i] = (struct want){ .knot = list[i], .n = i,
		    .key = mean(w, list[i], up, !up, false) };
	qsort(w->want, n, sizeof *w->want, compare);
	for (uint32_t i = 0; i < n; i++) {
		list[i] = w->want[i].knot;
		w->place[list[i]] = i;
	}
}

/* to the nearest whole number, halves up; the rest is negative too */
static double
nearest(double x)
{
	int64_t i = (int64_t)(x + 0.5);

	return (double)(i > x + 0.5 ? i - 1 : i);
}

/* moves a layer's knots to where their neighbours are, the nearest that keeps
 * order and distance: those that would meet move as one */
static void
move(struct work *w, uint32_t layer, bool up, bool down)
{
	uint32_t n = w->at[layer + 1] - w->at[layer], blocks = 0, i = 0;
	const uint32_t *list = w->list + w->at[layer];
	struct want *b = w->want;

	for (uint32_t j = 0; j < n; j++) {
		b[blocks] = (struct want){ .n = 1,
		    .sum = mean(w, list[j], up, down, true) - 2.0 * j };
		for (; blocks > 0 && b[blocks - 1].sum / b[blocks - 1].n >=
		    b[blocks].sum / b[blocks].n; blocks--) {
			b[blocks - 1].sum += b[blocks].sum;
			b[blocks - 1].n += b[blocks].n;
		}
		blocks++;
	}
	for (uint32_t k = 0; k < blocks; k++)
		for (uint32_t j = 0; j < b[k].n; j++, i++)
			w->row[list[i]] = nearest(b[k].sum / b[k].n) +
			    2.0 * i;
}

static void
arrange(struct work *w, uint32_t layers)
{
	for (int s = 0; s < SWEEPS; s++)
		for (uint32_t i = 1; i < layers; i++)
			sort(w, s % 2 ? layers - 1 - i : i, s % 2 == 0);
	for (uint32_t k = 0; k < w->g.n; k++)
		w->row[k] = 2 * w->place[k];
	for (int s = 0; s < SWEEPS; s++)
		for (uint32_t i = 1; i < layers; i++)
			move(w, s % 2 ? layers - 1 - i : i, s % 2 == 0 ||
			    s > SWEEPS / 2, s % 2 || s > SWEEPS / 2);
}

/* rows from 0 on, of vertices and bends */
static void
take(struct layout *l, const struct work *w, uint32_t n)
{
	double first = w->g.n ? w->row[0] : 0;
	uint32_t row;

	for (uint32_t k = 1; k < w->g.n; k++)
		first = w->row[k] < first ? w->row[k] : first;
	for (uint32_t k = 0; k < w->g.n; k++) {
		row = (uint32_t)(w->row[k] - first);
		*(k < n ? &l->row[k] : &l->bend[k - n]) = row;
		l->height = row >= l->height ? row + 1 : l->height;
	}
}

static void *
room(size_t n, size_t size)
{
	return calloc(n + 2, size);
}

int
layout_make(struct layout *l, const struct graph *g)
{
	struct work w = {0};
	uint32_t bends, n;
	int x = -1;

	*l = (struct layout){ .layer = room(g->n, sizeof *l->layer),
	    .row = room(g->n, sizeof *l->row),
	    .bendat = room(g->upat[g->n], sizeof *l->bendat) };
	if (!l->layer || !l->row || !l->bendat || find_layers(l, g) < 0)
		goto out;
	bends = count_bends(l, g);
	n = g->n + bends;
	l->bend = room(bends, sizeof *l->bend);
	w.layer = room(n, sizeof *w.layer);
	w.at = room(l->layers, sizeof *w.at);
	w.list = room(n, sizeof *w.list);
	w.place = room(n, sizeof *w.place);
	w.row = room(n, sizeof *w.row);
	w.want = room(n, sizeof *w.want);
	if (!l->bend || !w.layer || !w.at || !w.list || !w.place || !w.row ||
	    !w.want || tie(&w, l, g, bends) < 0)
		goto out;
	fill_layers(&w, l->layers);
	arrange(&w, l->layers);
	take(l, &w, g->n);
	x = 0;
out:
	graph_free(&w.g);
	free(w.layer);
	free(w.at);
	free(w.list);
	free(w.place);
	free(w.row);
	free(w.want);
	if (x < 0)
		layout_free(l);
	return x;
}

void
layout_free(struct layout *l)
{
	free(l->layer);
	free(l->row);
	free(l->bendat);
	free(l->bend);
	*l = (struct layout){0};
}
