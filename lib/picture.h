/* picture: a run's graph, a DAG's durations: SVG for a page. */
#ifndef PICTURE_H
#define PICTURE_H

#include "graphviz.h"
#include "sight.h"

enum {
	/* of more tasks those that are alike share a box */
	PICTURE_ALIKE = 24,
	PICTURE_BOXES = 300,	/* a graph with more has no picture */
};

/* the graph, coloured by state; base is put before the names of the tasks'
 * pages. -1, ENOMEM */
int picture_graph(struct graphviz *, const struct sight *, const char *base,
	struct buf *);

struct picture_bar {
	const char *label, *href;
	const char *state;	/* a class: success, failed, … */
	double seconds;		/* below 0: not known */
};

/* durations, oldest first; what is it of? */
void picture_trend(const struct picture_bar *, size_t n, const char *title,
	struct buf *);

#endif
