/* places: where the boxes and lines of a drawn graph are, in pixels. */
#ifndef PLACES_H
#define PLACES_H

#include "graph.h"

enum {
	PLACES_HIGH = 30,	/* a box */
	PLACES_EDGE = 6,	/* around all */
};

/* boxes by their middles; a line is a point, then three for each curve of
 * Bézier's */
struct places {
	double wide, high;
	struct places_box {
		double x, y, wide;
	} *box;
	struct places_point {
		double x, y;
	} *point;
	struct places_line {
		uint32_t from, to;
		size_t at, n;		/* of point */
	} *line;
	size_t lines, points, cap;
};

/* room for a graph's boxes and lines; -1, ENOMEM. places_free in any case */
int places_begin(struct places *, const struct graph *);
/* begins a line; then come its points; -1, ENOMEM */
void places_line(struct places *, uint32_t from, uint32_t to);
int places_point(struct places *, double x, double y);
/* by a layout of our own; wide is what each box needs. -1, ENOMEM */
int places_own(struct places *, const struct graph *, const double *wide);
void places_free(struct places *);

#endif
