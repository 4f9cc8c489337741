/* term: what can be shown where output goes: colour, width, signs. */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum term_hue { HUE_PLAIN, HUE_GOOD, HUE_BAD, HUE_BUSY, HUE_DUE, HUE_HELD,
	HUE_DIM, HUE_STRONG, HUES };

enum term_when { TERM_AUTO, TERM_ALWAYS, TERM_NEVER };

struct term {
	bool tty;		/* somebody is looking */
	bool color;
	bool utf8;		/* the locale's characters: not only ASCII */
	unsigned cols, rows;	/* 80 by 24 if nobody knows */
};

/* the columns below which a terminal is narrow */
enum { TERM_WIDE = 100 };

/*
 * Looks at where fd goes, at LC_ALL, LC_CTYPE and LANG, at COLUMNS, and with
 * TERM_AUTO at NO_COLOR and TERM.
 */
void term_look(struct term *, int fd, enum term_when);
/* "auto" "always" "never"; 0, or -1 */
int term_when(const char *, enum term_when *);
/* appends n bytes in a colour; t may be NULL: as they are */
void term_paint(struct buf *, const struct term *, enum term_hue, const char *,
	size_t n);
/* appends at most width columns of n bytes, the last one … if more are left;
 * how many columns it took */
size_t term_cut(struct buf *, const struct term *, const char *, size_t n,
	size_t width);
/* appends a bar of width columns, part of it (0 to 1) full */
void term_bar(struct buf *, const struct term *, double part, unsigned width);
/* appends one column, part of it (0 to 1) full from below */
void term_level(struct buf *, const struct term *, double part);
/* appends how long ago it was: 12s ago, 5m ago, 3h ago, 2d ago; or the day */
void term_ago(struct buf *, int64_t then, int64_t now);

#endif
