/* screen: a whole terminal to draw on: ncurses(3), loaded when asked for. */
#include <dlfcn.h>
#include <errno.h>
#include <locale.h>
#include <unistd.h>

#include "screen.h"

#if __has_include(<curses.h>)
/* its functions, not its macros, which would be linked against */
#define NCURSES_NOMACROS 1
#include <curses.h>
/* <term.h> has them, and takes many a common word for a macro */
int setupterm(const char *term, int fd, int *err);
void *set_curterm(void *terminal);
int del_curterm(void *terminal);

/* linked in, it would be opened at each start of a program that prints lines */
#define CURSES_EACH(X) \
	X(cbreak) X(curs_set) X(del_curterm) X(endwin) X(getmaxx) X(getmaxy) \
	X(has_colors) X(init_pair) X(keypad) X(newterm) X(newwin) X(nodelay) \
	X(noecho) X(set_curterm) X(set_escdelay) X(setupterm) X(start_color) \
	X(use_default_colors) X(waddnstr) X(wattrset) X(werase) X(wgetch) \
	X(wmove) X(wrefresh)

#define FIELD(f) __typeof__(f) *f;
struct curses {
	CURSES_EACH(FIELD)
};

/* dlsym(3) gives an object's pointer for a function's: POSIX has it so */
#define LOAD(f) \
	*(void **)&curses.f = dlsym(handle, #f); \
	whole &= curses.f != NULL;

static const struct curses *
load(void)
{
	static struct curses curses;
	bool whole = false;
	void *handle = dlopen("libncursesw.so.6", RTLD_NOW | RTLD_LOCAL);

	if (handle) {
		whole = true;
		CURSES_EACH(LOAD)
	}
	if (!whole)
		errno = ENOPKG;
	return whole ? &curses : NULL;
}

static const struct {
	short color;
	attr_t attr;
} looks[HUES] = {
	[HUE_GOOD] = {COLOR_GREEN, A_NORMAL},
	[HUE_BAD] = {COLOR_RED, A_BOLD}, [HUE_BUSY] = {COLOR_YELLOW, A_NORMAL},
	[HUE_DUE] = {COLOR_CYAN, A_NORMAL},
	[HUE_HELD] = {COLOR_MAGENTA, A_NORMAL}, [HUE_DIM] = {0, A_DIM},
	[HUE_STRONG] = {0, A_BOLD},
};

static void
start(struct screen *s, const struct term *t)
{
	const struct curses *c = s->curses;

	c->cbreak();
	c->noecho();
	c->curs_set(0);
	c->set_escdelay(50);
	s->window = c->newwin(0, 0, 0, 0);
	c->keypad(s->window, TRUE);
	c->nodelay(s->window, TRUE);
	s->color = t->color && c->has_colors() && c->start_color() == OK &&
	    c->use_default_colors() == OK;
	for (short hue = 0; s->color && hue < HUES; hue++)
		if (looks[hue].color)
			c->init_pair(hue, looks[hue].color, -1);
}

int
screen_open(struct screen *s, const struct term *t)
{
	int found;

	*s = (struct screen){0};
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		errno = ENOTTY;
		return -1;
	}
	s->curses = load();
	if (!s->curses)
		return -1;
	/* ncurses asks the locale what a character is */
	if (!setlocale(LC_CTYPE, "") && t->utf8)
		setlocale(LC_CTYPE, "C.UTF-8");
	/* newterm keeps what it made for a terminal that it does not know */
	if (s->curses->setupterm(NULL, STDOUT_FILENO, &found) != OK) {
		errno = ENOTTY;
		return -1;
	}
	s->curses->del_curterm(s->curses->set_curterm(NULL));
	/* not the standard streams: they are others' to buffer and to close */
	if (!s->curses->newterm(NULL, fdopen(dup(STDOUT_FILENO), "w"),
	    fdopen(dup(STDIN_FILENO), "r"))) {
		errno = ENOTTY;
		return -1;
	}
	start(s, t);
	return 0;
}

void
screen_close(struct screen *s)
{
	if (s->curses)
		s->curses->endwin();
	s->curses = NULL;
}

void
screen_size(const struct screen *s, size_t *rows, size_t *cols)
{
	int y = s->curses->getmaxy(s->window);
	int x = s->curses->getmaxx(s->window);

	*rows = y > 0 ? (size_t)y : 0;
	*cols = x > 0 ? (size_t)x : 0;
}

void
screen_clear(struct screen *s)
{
	s->curses->werase(s->window);
}

void
screen_put(struct screen *s, size_t row, size_t col, enum term_hue hue,
    bool reverse, const char *text, size_t n)
{
	attr_t attr = looks[hue].attr;

	if (s->color && looks[hue].color)
		attr |= (attr_t)hue << NCURSES_ATTR_SHIFT & A_COLOR;
	if (reverse)
		attr = (attr & ~A_DIM) | A_REVERSE;
	s->curses->wattrset(s->window, (int)attr);
	if (s->curses->wmove(s->window, (int)row, (int)col) == OK)
		s->curses->waddnstr(s->window, text, (int)n);
}

void
screen_show(struct screen *s)
{
	s->curses->wrefresh(s->window);
}

int
screen_key(struct screen *s)
{
	static const struct {
		int theirs, ours;
	} keys[] = {
		{KEY_UP, KEY_IS_UP}, {KEY_DOWN, KEY_IS_DOWN},
		{KEY_PPAGE, KEY_IS_PAGEUP}, {KEY_NPAGE, KEY_IS_PAGEDOWN},
		{KEY_HOME, KEY_IS_HOME}, {KEY_END, KEY_IS_END},
		{KEY_ENTER, KEY_IS_ENTER}, {'\n', KEY_IS_ENTER},
		{'\r', KEY_IS_ENTER}, {27, KEY_IS_ESCAPE},
		{KEY_BACKSPACE, KEY_IS_ERASE}, {127, KEY_IS_ERASE},
		{8, KEY_IS_ERASE}, {KEY_RESIZE, KEY_IS_RESIZE},
		{ERR, SCREEN_NONE},
	};
	int key = s->curses->wgetch(s->window);

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (key == keys[i].theirs)
			return keys[i].ours;
	return key < 1000 ? key : 0;
}
#else
int
screen_open(struct screen *s, const struct term *t)
{
	int found;

	(void)t;
	*s = (struct screen){0};
	errno = ENOSYS;
	return -1;
}

void
screen_close(struct screen *s)
{
	(void)s;
}

void
screen_size(const struct screen *s, size_t *rows, size_t *cols)
{
	(void)s;
	*rows = *cols = 0;
}

void
screen_clear(struct screen *s)
{
	(void)s;
}

void
screen_put(struct screen *s, size_t row, size_t col, enum term_hue hue,
    bool reverse, const char *text, size_t n)
{
	(void)s, (void)row, (void)col, (void)hue, (void)reverse, (void)text;
	(void)n;
}

void
screen_show(struct screen *s)
{
	(void)s;
}

int
screen_key(struct screen *s)
{
	(void)s;
	return SCREEN_NONE;
}
#endif
