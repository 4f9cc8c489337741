/* route: the lines between two layers of a drawn graph. */
#include <stdlib.h>

#include "route.h"

/* beyond, tracks are placed as they come: each looks at all others */
enum { CAREFUL = 500 };

int
route_add(struct route *r, uint32_t from, uint32_t to, bool end)
{
	struct route_line *more;

	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 16;

		more = realloc(r->line, cap * sizeof *more);
		if (!more)
			return -1;
		r->line = more;
		r->cap = cap;
	}
	r->line[r->n++] = (struct route_line){ from, to, end };
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct route_line *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

/* a track for all lines of a row */
static void
gather(struct route *r)
{
	struct route_track *t = NULL;

	for (size_t i = 0; i < r->n; i++) {
		const struct route_line *l = &r->line[i];

		if (!t || t->from != l->from) {
			t = &r->track[r->tracks++];
			*t = (struct route_track){ .from = l->from,
			    .top = l->from, .bottom = l->from, .line = i,
			    .straight = true };
		}
		t->end = i + 1;
		t->top = l->to < t->top ? l->to : t->top;
		t->bottom = l->to > t->bottom ? l->to : t->bottom;
		t->straight = t->straight && l->to == l->from;
	}
}

/* does a line of b end at the row that a comes from, and none of a? Then a's
 * way in and b's way out lie over each other, unless a's track is the left
 * one */
static bool
before(const struct route *r, const struct route_track *a,
    const struct route_track *b)
{
	for (size_t i = a->line; i < a->end; i++)
		if (r->line[i].to == a->from)
			return false;
	for (size_t i = b->line; i < b->end; i++)
		if (r->line[i].to == a->from)
			return true;
	return false;
}

/* the leftmost column from least on where no other track is in the way */
static void
place(struct route *r, struct route_track *t, uint32_t least)
{
	bool hit = true;

	for (t->col = least; hit; t->col += hit) {
		hit = false;
		for (size_t i = 0; i < r->tracks && !hit; i++)
			hit = r->track[i].placed && !r->track[i].straight &&
			    r->track[i].col == t->col &&
			    r->track[i].top <= t->bottom &&
			    t->top <= r->track[i].bottom;
	}
	t->placed = true;
	if (t->col + 1 > r->cols)
		r->cols = t->col + 1;
}

/* the next one with nothing before it that is not placed; else any */
static struct route_track *
next(struct route *r, uint32_t *least)
{
	struct route_track *any = NULL, *t, *o;
	bool free_;

	for (size_t i = 0; i < r->tracks; i++) {
		t = &r->track[i];
		if (t->placed)
			continue;
		any = any ? any : t;
		*least = 0;
		free_ = true;
		for (size_t j = 0; j < r->tracks && free_ &&
		    r->tracks <= CAREFUL; j++) {
			o = &r->track[j];
			if (o == t || o->straight || !before(r, o, t))
				continue;
			free_ = o->placed;
			if (o->placed && o->col + 1 > *least)
				*least = o->col + 1;
		}
		if (free_)
			return t;
	}
	*least = 0;
	r->over = r->over || any;
	return any;
}

int
route_make(struct route *r)
{
	struct route_track *t;
	uint32_t least;

	r->track = calloc(r->n + 1, sizeof *r->track);
	if (!r->track)
		return -1;
	if (r->n)
		qsort(r->line, r->n, sizeof *r->line, compare);
	gather(r);
	for (size_t i = 0; i < r->tracks; i++)
		r->track[i].placed = r->track[i].straight;
	while ((t = next(r, &least)))
		place(r, t, least);
	return 0;
}

size_t
route_cols(const struct route *r)
{
	return (size_t)r->cols + 3;
}

void
route_draw(const struct route *r, struct canvas *c, size_t col)
{
	size_t end = col + route_cols(r) - 1, x;

	for (size_t i = 0; i < r->tracks; i++) {
		const struct route_track *t = &r->track[i];

		x = col + 1 + (t->straight ? 0 : t->col);
		canvas_across(c, t->from, col - 1, x);
		if (!t->straight)
			canvas_along(c, x, t->top, t->bottom);
		for (size_t k = t->line; k < t->end; k++) {
			canvas_across(c, r->line[k].to, x, end);
			if (r->line[k].end)
				canvas_arrow(c, end, r->line[k].to);
		}
	}
}

void
route_free(struct route *r)
{
	free(r->line);
	free(r->track);
	*r = (struct route){0};
}
