/* graphviz: places of a graph as dot finds them, where it is installed. */
#ifndef GRAPHVIZ_H
#define GRAPHVIZ_H

#include <stdbool.h>

#include "buf.h"
#include "name.h"
#include "places.h"

enum { GRAPHVIZ_KEPT = 8 };

/*
 * What dot said is kept, of a DAG's last few definitions, in memory and in the
 * cache: so a run's page costs no process. Of names dot sees none. Zero at
 * first, and graphviz_end in the end.
 */
struct graphviz {
	char dag[NAME_LEN + 1];
	struct graphviz_kept {
		struct buf in, out;	/* out is empty: it could not */
	} kept[GRAPHVIZ_KEPT];		/* the last used first */
	size_t n;
	bool changed, gone;	/* gone: no more is asked of it */
	long spent;		/* ms, on asking */
};

/* goes over to another DAG */
void graphviz_dag(struct graphviz *, const char *dag);
/* finds places for boxes that are so wide: 1; 0: dot is not there, or cannot,
 * or not in time; -1: ENOMEM. places_free in any case */
int graphviz_places(struct graphviz *, const struct graph *,
	const double *wide, struct places *);
void graphviz_end(struct graphviz *);

#endif
