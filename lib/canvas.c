/* canvas: cells of characters, where lines join where they meet. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "canvas.h"

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

int
canvas_make(struct canvas *c, const struct term *term, size_t cols,
    size_t rows)
{
	*c = (struct canvas){ .term = term, .cols = cols, .rows = rows };
	c->cell = calloc(cols, rows * sizeof *c->cell);
	return c->cell ? 0 : -1;
}

void
canvas_free(struct canvas *c)
{
	free(c->cell);
	c->cell = NULL;
}

static struct canvas_cell *
at(struct canvas *c, size_t col, size_t row)
{
	return &c->cell[row * c->cols + col];
}

void
canvas_across(struct canvas *c, size_t row, size_t from, size_t to)
{
	for (size_t x = from; x <= to; x++)
		at(c, x, row)->lines |= (unsigned char)((x > from ? LEFT : 0) |
		    (x < to ? RIGHT : 0));
}

void
canvas_along(struct canvas *c, size_t col, size_t from, size_t to)
{
	for (size_t y = from; y <= to; y++)
		at(c, col, y)->lines |= (unsigned char)((y > from ? UP : 0) |
		    (y < to ? DOWN : 0));
}

/* the bytes of the character that s begins with */
static size_t
character(const char *s)
{
	size_t n = 1;

	while (n < 4 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

void
canvas_text(struct canvas *c, size_t col, size_t row, enum term_hue hue,
    const char *s)
{
	struct canvas_cell *cell;
	size_t n;

	for (; *s && col < c->cols; s += n, col++) {
		n = character(s);
		cell = at(c, col, row);
		cell->hue = (unsigned char)hue;
		memcpy(cell->text, s, n);
		cell->text[n] = '\0';
	}
}

void
canvas_arrow(struct canvas *c, size_t col, size_t row)
{
	canvas_text(c, col, row, HUE_PLAIN, c->term->utf8 ? "\xe2\x96\xba" :
	    ">");
}

void
canvas_box(struct canvas *c, size_t col, size_t row, size_t cols,
    enum term_hue hue)
{
	bool utf8 = c->term->utf8;

	for (size_t y = row; y < row + 3; y += 2) {
		for (size_t x = col + 1; x < col + cols - 1; x++)
			canvas_text(c, x, y, hue, utf8 ? "\xe2\x94\x80" : "-");
		canvas_text(c, col, y, hue, !utf8 ? "+" : y == row ?
		    "\xe2\x94\x8c" : "\xe2\x94\x94");
		canvas_text(c, col + cols - 1, y, hue, !utf8 ? "+" : y == row ?
		    "\xe2\x94\x90" : "\xe2\x94\x98");
	}
	canvas_text(c, col, row + 1, hue, utf8 ? "\xe2\x94\x82" : "|");
	canvas_text(c, col + cols - 1, row + 1, hue, utf8 ? "\xe2\x94\x82" :
	    "|");
}

/* lines as a character: │ ─ and where they meet */
static const char *
lines(const struct canvas_cell *cell, bool utf8)
{
	static const char *const joined[16] = {
		" ", "\xe2\x94\x82", "\xe2\x94\x82", "\xe2\x94\x82",
		"\xe2\x94\x80", "\xe2\x94\x98", "\xe2\x94\x90",
		"\xe2\x94\xa4",
		"\xe2\x94\x80", "\xe2\x94\x94", "\xe2\x94\x8c",
		"\xe2\x94\x9c",
		"\xe2\x94\x80", "\xe2\x94\xb4", "\xe2\x94\xac",
		"\xe2\x94\xbc",
	};

	if (utf8)
		return joined[cell->lines];
	return cell->lines == 0 ? " " : !(cell->lines & (LEFT | RIGHT)) ? "|" :
	    !(cell->lines & (UP | DOWN)) ? "-" : "+";
}

void
canvas_put(const struct canvas *c, struct buf *b)
{
	const struct canvas_cell *cell;
	struct buf same = BUF_INIT;
	size_t n;

	for (size_t y = 0; y < c->rows; y++) {
		cell = &c->cell[y * c->cols];
		for (n = c->cols; n > 0 && !cell[n - 1].text[0] &&
		    !cell[n - 1].lines; n--)
			;
		for (size_t x = 0; x < n; x++) {
			buf_str(&same, cell[x].text[0] ? cell[x].text :
			    lines(&cell[x], c->term->utf8));
			if (x + 1 < n && cell[x].hue == cell[x + 1].hue)
				continue;
			term_paint(b, c->term, (enum term_hue)cell[x].hue,
			    same.p, same.n);
			buf_reset(&same);
		}
		buf_ch(b, '\n');
	}
	if (same.err)
		b->err = same.err;
	buf_free(&same);
}
