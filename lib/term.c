/* term: what can be shown where output goes: colour, width, signs. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "instant.h"
#include "num.h"
#include "term.h"

/* of the locale only this is asked: setlocale(3) would open its files */
static bool
utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *v = NULL, *dot;

	for (size_t i = 0; i < 3 && (!v || !*v); i++)
		v = getenv(names[i]);
	dot = v ? strchr(v, '.') : NULL;
	return dot && (strncasecmp(dot, ".utf-8", 6) == 0 ||
	    strncasecmp(dot, ".utf8", 5) == 0);
}

static bool
colorful(bool tty)
{
	const char *no = getenv("NO_COLOR"), *name = getenv("TERM");

	return tty && !(no && *no) && name && strcmp(name, "dumb") != 0;
}

void
term_look(struct term *t, int fd, enum term_when when)
{
	const char *columns = getenv("COLUMNS");
	struct winsize w = {0};
	int64_t n;

	*t = (struct term){ .tty = isatty(fd) == 1, .utf8 = utf8(),
	    .cols = 80, .rows = 24 };
	t->color = when == TERM_ALWAYS ||
	    (when == TERM_AUTO && colorful(t->tty));
	if (t->tty && ioctl(fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0) {
		t->cols = w.ws_col;
		t->rows = w.ws_row ? w.ws_row : 24;
	}
	if (columns && num_parse(columns, 20, 10000, &n) == 0)
		t->cols = (unsigned)n;
}

int
term_when(const char *text, enum term_when *when)
{
	static const char *const names[] = {"auto", "always", "never"};

	for (int i = 0; i < 3; i++)
		if (strcmp(text, names[i]) == 0) {
			*when = (enum term_when)i;
			return 0;
		}
	return -1;
}

void
term_paint(struct buf *b, const struct term *t, enum term_hue hue,
    const char *s, size_t n)
{
	static const char *const sgr[HUES] = {
		[HUE_GOOD] = "32", [HUE_BAD] = "1;31", [HUE_BUSY] = "33",
		[HUE_DUE] = "36", [HUE_HELD] = "35", [HUE_DIM] = "2",
		[HUE_STRONG] = "1",
	};

	if (!t || !t->color || !sgr[hue] || n == 0) {
		buf_add(b, s, n);
		return;
	}
	buf_fmt(b, "\033[%sm", sgr[hue]);
	buf_add(b, s, n);
	buf_str(b, "\033[0m");
}

/* the bytes of the first columns of a text */
static size_t
head(const char *s, size_t n, size_t columns)
{
	size_t i = 0;

	for (; i < n; i++)
		if ((s[i] & 0xc0) != 0x80 && columns-- == 0)
			break;
	return i;
}

size_t
term_cut(struct buf *b, const struct term *t, const char *s, size_t n,
    size_t width)
{
	size_t w = 0;

	for (size_t i = 0; i < n; i++)
		w += (s[i] & 0xc0) != 0x80;
	if (w <= width) {
		buf_add(b, s, n);
		return w;
	}
	if (width == 0)
		return 0;
	buf_add(b, s, head(s, n, width - 1));
	buf_str(b, t->utf8 ? "\xe2\x80\xa6" : "~");
	return width;
}

void
term_bar(struct buf *b, const struct term *t, double part, unsigned width)
{
	double full = part * width + 0.5;
	unsigned n = full < 0 ? 0 : full > width ? width : (unsigned)full;

	/* what has begun is seen to have, what has not ended not to have */
	if (n == 0 && part > 0)
		n = 1;
	if (n == width && part < 1 && n > 0)
		n--;
	for (unsigned i = 0; i < width; i++)
		buf_str(b, i < n ? t->utf8 ? "\xe2\x96\x88" : "#" :
		    t->utf8 ? "\xe2\x96\x91" : ".");
}

void
term_level(struct buf *b, const struct term *t, double part)
{
	int level = part >= 1 ? 7 : part <= 0 ? 0 : (int)(part * 8);

	if (t->utf8)
		buf_fmt(b, "\xe2\x96%c", 0x81 + level);
	else
		buf_ch(b, "_.,-=+*#"[level]);
}

void
term_ago(struct buf *b, int64_t then, int64_t now)
{
	int64_t s = now - then;
	char day[INSTANT_LEN];

	if (s < 0 || s >= 30 * 86400) {
		instant_format(day, then, 0);
		buf_add(b, day, 10);
	} else if (s < 60)
		buf_fmt(b, "%ds ago", (int)s);
	else if (s < 3600)
		buf_fmt(b, "%dm ago", (int)(s / 60));
	else if (s < 2 * 86400)
		buf_fmt(b, "%dh ago", (int)(s / 3600));
	else
		buf_fmt(b, "%dd ago", (int)(s / 86400));
}
