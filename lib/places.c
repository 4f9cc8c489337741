/* places: where the boxes and lines of a drawn graph are, in pixels. */
#include <errno.h>
#include <stdlib.h>

#include "layout.h"
#include "places.h"

enum { HALF = 23, GAP = 52, EDGE = PLACES_EDGE };

int
places_begin(struct places *p, const struct graph *g)
{
	*p = (struct places){ .box = calloc((size_t)g->n + 1, sizeof *p->box),
	    .line = calloc((size_t)g->upat[g->n] + 1, sizeof *p->line) };
	return p->box && p->line ? 0 : -1;
}

void
places_line(struct places *p, uint32_t from, uint32_t to)
{
	p->line[p->lines++] = (struct places_line){from, to, p->points, 0};
}

int
places_point(struct places *p, double x, double y)
{
	struct places_point *more;
	size_t cap = p->cap ? p->cap * 2 : 64;

	if (p->points == p->cap) {
		more = realloc(p->point, cap * sizeof *more);
		if (!more)
			return -1;
		p->point = more;
		p->cap = cap;
	}
	p->point[p->points++] = (struct places_point){x, y};
	p->line[p->lines - 1].n++;
	return 0;
}

/* where the layers begin, and behind them where the last ends */
static double *
columns(const struct graph *g, const struct layout *l, const double *wide)
{
	double *x = calloc((size_t)l->layers + 2, sizeof *x);

	for (uint32_t t = 0; x && t < g->n; t++)
		if (wide[t] > x[l->layer[t] + 1])
			x[l->layer[t] + 1] = wide[t];
	if (x)
		x[0] = EDGE;
	for (uint32_t i = 0; x && i < l->layers; i++)
		x[i + 1] += x[i] + GAP;
	return x;
}

static double
middle(uint32_t row)
{
	return EDGE + PLACES_HIGH / 2 + (double)row * HALF;
}

static int
curve(struct places *p, double x, double y)
{
	struct places_point from = p->point[p->points - 1];
	double half = (from.x + x) / 2;

	return places_point(p, half, from.y) < 0 ||
	    places_point(p, half, y) < 0 || places_point(p, x, y) < 0 ? -1 : 0;
}

/* an edge: through the layers between its ends at the rows of its bends */
static int
edge(struct places *p, const struct graph *g, const struct layout *l,
    const double *x, uint32_t v, uint32_t e)
{
	uint32_t u = g->up[e], layer = l->layer[u];
	int r;

	places_line(p, u, v);
	r = places_point(p, x[layer + 1] - GAP, middle(l->row[u]));
	for (uint32_t i = l->bendat[e]; r == 0 && i < l->bendat[e + 1]; i++) {
		layer++;
		r = curve(p, x[layer], middle(l->bend[i]));
		if (r == 0)
			r = curve(p, x[layer + 1] - GAP, middle(l->bend[i]));
	}
	return r < 0 ? -1 : curve(p, x[l->layer[v]], middle(l->row[v]));
}

int
places_own(struct places *p, const struct graph *g, const double *wide)
{
	struct layout l;
	double *x;
	int r;

	if (layout_make(&l, g) < 0)
		return -1;
	x = columns(g, &l, wide);
	r = x ? places_begin(p, g) : -1;
	for (uint32_t v = 0; r == 0 && v < g->n; v++)
		for (uint32_t e = g->upat[v]; r == 0 && e < g->upat[v + 1];
		    e++)
			r = edge(p, g, &l, x, v, e);
	for (uint32_t t = 0; r == 0 && t < g->n; t++)
		p->box[t] = (struct places_box){ (x[l.layer[t]] +
		    x[l.layer[t] + 1] - GAP) / 2, middle(l.row[t]),
		    x[l.layer[t] + 1] - GAP - x[l.layer[t]] };
	if (r == 0) {
		p->wide = x[l.layers] - GAP + EDGE;
		p->high = middle(l.height - 1) + PLACES_HIGH / 2 + EDGE;
	}
	free(x);
	layout_free(&l);
	return r;
}

void
places_free(struct places *p)
{
	free(p->box);
	free(p->line);
	free(p->point);
	*p = (struct places){0};
}
