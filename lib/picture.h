/* picture: a run's graph and timeline, a DAG's durations: SVG for a page. */
#ifndef PICTURE_H
#define PICTURE_H

#include "graphviz.h"
#include "sight.h"

enum {
	PICTURE_TASKS = 300,	/* of larger graphs there is no picture */
	PICTURE_BARS = 100,	/* of a timeline: those that took longest */
};

/* the graph, coloured by state; base is put before the names of the tasks'
 * pages. Nothing if it is too large. -1, ENOMEM */
int picture_graph(struct graphviz *, const struct sight *, const char *base,
	struct buf *);
/* when tasks ran, the critical path marked; nothing if none did. -1, ENOMEM */
int picture_gantt(const struct sight *, const char *base, struct buf *);

struct picture_bar {
	const char *label, *href;
	const char *state;	/* a class: success, failed, … */
	double seconds;		/* below 0: not known */
};

/* durations, oldest first; what is it of? */
void picture_trend(const struct picture_bar *, size_t n, const char *title,
	struct buf *);

#endif
