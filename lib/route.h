/* route: the lines between two layers of a drawn graph. */
#ifndef ROUTE_H
#define ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "canvas.h"

/*
 * A line goes from its row on the left to a track, a column that lines from
 * other rows do not use there, along that and on to its row on the right.
 */
struct route {
	struct route_line {
		uint32_t from, to;	/* rows of a canvas */
		bool end;		/* it ends here: with an arrow */
	} *line;
	size_t n, cap;
	struct route_track {
		uint32_t from;		/* the row it comes from */
		uint32_t top, bottom;
		size_t line, end;	/* of line */
		uint32_t col;
		bool placed, straight;
	} *track;
	size_t tracks;
	uint32_t cols;		/* of tracks */
	bool over;		/* two lines had to lie over each other */
};

/* a line; 0, or -1 with errno ENOMEM. Zero at first; route_free */
int route_add(struct route *, uint32_t from, uint32_t to, bool end);
/* chooses the tracks of all lines; 0, or -1 with errno ENOMEM */
int route_make(struct route *);
/* the columns that they need: of the tracks, of a way in and an arrow */
size_t route_cols(const struct route *);
/* draws them from a column on */
void route_draw(const struct route *, struct canvas *, size_t col);
void route_free(struct route *);

#endif
