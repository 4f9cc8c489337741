/* table: rows of cells, printed in columns as wide as they need to be. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "table.h"
#include "text.h"

static void
widen(struct table *t, size_t col, size_t width)
{
	if (width > t->width[col])
		t->width[col] = width;
}

void
table_begin(struct table *t, const char *const *head)
{
	*t = (struct table){ .text = BUF_INIT, .head = head };
	for (; head[t->cols]; t->cols++) {
		assert(t->cols < TABLE_COLS);
		widen(t, t->cols, strlen(head[t->cols]) -
		    (head[t->cols][0] == '>') + (t->cols == 0 ? 2 : 0));
	}
}

void
table_cell(struct table *t, const char *s)
{
	table_hued(t, HUE_PLAIN, s);
}

const char *
table_first(const struct table *t)
{
	return t->text.n && !t->text.err ? t->text.p + 1 : NULL;
}

const char *
table_after(const struct table *t, const char *cell)
{
	cell += strlen(cell) + 1;
	return cell < t->text.p + t->text.n ? cell + 1 : NULL;
}

void
table_hued(struct table *t, enum term_hue hue, const char *s)
{
	size_t at = t->text.n + 1, col = t->cells++ % t->cols;

	if (!*s) {
		s = "-";
		hue = HUE_DIM;
	}
	buf_ch(&t->text, (char)('0' + hue));
	text_plain(&t->text, s, strlen(s));
	if (!t->text.err)
		widen(t, col, text_width(t->text.p + at, t->text.n - at));
	buf_ch(&t->text, '\0');
}

static void
blanks(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_ch(out, ' ');
}

/* a cell, in what is left of its line; what is left then */
static size_t
put(const struct table *t, struct buf *out, size_t col, const char *s,
    enum term_hue hue, size_t left)
{
	struct buf cell = BUF_INIT;
	size_t n = strlen(s), w = text_width(s, n), pad;
	bool last = col + 1 == t->cols, right = t->head[col][0] == '>';

	pad = t->width[col] > w ? t->width[col] - w : 0;
	if (right) {
		blanks(out, pad < left ? pad : left);
		left -= pad < left ? pad : left;
	}
	if (w > left) {
		left -= term_cut(&cell, t->term, s, n, left);
		term_paint(out, t->term, hue, cell.p, cell.n);
	} else {
		left -= w;
		term_paint(out, t->term, hue, s, n);
	}
	buf_free(&cell);
	pad = last ? 0 : (right ? 0 : pad) + 2;
	blanks(out, pad < left ? pad : left);
	if (last)
		buf_ch(out, '\n');
	return left - (pad < left ? pad : left);
}

void
table_end(struct table *t, bool head, struct buf *out)
{
	size_t all = t->cut ? t->term->cols : SIZE_MAX, left = all;
	const char *s = t->text.p;

	for (size_t i = 0; head && i < t->cols; i++) {
		if (i == 0) {
			t->width[0] -= 2;
			term_paint(out, t->term, HUE_DIM, "# ", 2);
			left -= 2;
		}
		left = put(t, out, i, t->head[i] + (t->head[i][0] == '>'),
		    HUE_DIM, left);
		if (i == 0)
			t->width[0] += 2;
	}
	if (t->text.err)
		out->err = t->text.err;
	for (size_t i = 0; !out->err && i < t->cells; i++) {
		if (i % t->cols == 0)
			left = all;
		left = put(t, out, i % t->cols, s + 1,
		    (enum term_hue)(*s - '0'), left);
		s += strlen(s) + 1;
	}
	buf_free(&t->text);
	t->cells = 0;
}
