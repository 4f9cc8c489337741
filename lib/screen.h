/* screen: a whole terminal to draw on: ncurses(3), loaded when asked for. */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "term.h"

/* keys that are no characters */
enum { SCREEN_NONE = -1, KEY_IS_UP = 1000, KEY_IS_DOWN, KEY_IS_PAGEUP,
	KEY_IS_PAGEDOWN, KEY_IS_HOME, KEY_IS_END, KEY_IS_ENTER, KEY_IS_ESCAPE,
	KEY_IS_ERASE, KEY_IS_RESIZE };

struct screen {
	const struct curses *curses;	/* its functions */
	void *window;
	bool color;
};

/*
 * Takes the terminal of standard input and output. -1 and errno: ENOSYS this
 * was built without ncurses, ENOPKG it is not on this machine, ENOTTY there
 * is no terminal, or none that is known. screen_close gives it back.
 */
int screen_open(struct screen *, const struct term *);
void screen_close(struct screen *);
void screen_size(const struct screen *, size_t *rows, size_t *cols);
void screen_clear(struct screen *);
/* writes n bytes, without control characters, in a row from a column on */
void screen_put(struct screen *, size_t row, size_t col, enum term_hue,
	bool reverse, const char *, size_t n);
void screen_show(struct screen *);
/* the next key that was pressed, without waiting */
int screen_key(struct screen *);

#endif
