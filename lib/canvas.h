/* canvas: cells of characters, where lines join where they meet. */
#ifndef CANVAS_H
#define CANVAS_H

#include "term.h"

struct canvas_cell {
	unsigned char lines;	/* to which sides a line goes */
	unsigned char hue;
	char text[5];		/* a character; "" lines, or nothing */
};

struct canvas {
	const struct term *term;
	size_t cols, rows;
	struct canvas_cell *cell;
};

/* empty; 0, or -1 with errno ENOMEM; canvas_free */
int canvas_make(struct canvas *, const struct term *, size_t cols,
	size_t rows);
void canvas_free(struct canvas *);
/* a line from one column, of one row, to another, both within */
void canvas_across(struct canvas *, size_t row, size_t from, size_t to);
void canvas_along(struct canvas *, size_t col, size_t from, size_t to);
/* the head of an arrow to the right */
void canvas_arrow(struct canvas *, size_t col, size_t row);
/* a text of characters of one column each */
void canvas_text(struct canvas *, size_t col, size_t row, enum term_hue,
	const char *);
/* a frame of that many columns and three rows, its corners among them */
void canvas_box(struct canvas *, size_t col, size_t row, size_t cols,
	enum term_hue);
/* appends all of it, nothing behind what is last in a line */
void canvas_put(const struct canvas *, struct buf *);

#endif
