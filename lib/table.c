/* table: rows of cells, printed in columns as wide as they need to be. */
#include <assert.h>
#include <stdbool.h>
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
	size_t at = t->text.n, col = t->cells++ % t->cols;

	if (!*s)
		s = "-";
	text_plain(&t->text, s, strlen(s));
	widen(t, col, text_width(t->text.p + at, t->text.n - at));
	buf_ch(&t->text, '\0');
}

static void
put(const struct table *t, struct buf *out, size_t col, const char *s)
{
	size_t n = strlen(s), w = text_width(s, n), pad;
	bool last = col + 1 == t->cols, right = t->head[col][0] == '>';

	pad = t->width[col] > w ? t->width[col] - w : 0;
	for (; right && pad > 0; pad--)
		buf_ch(out, ' ');
	buf_add(out, s, n);
	for (; !last && pad > 0; pad--)
		buf_ch(out, ' ');
	buf_str(out, last ? "\n" : "  ");
}

void
table_end(struct table *t, bool head, struct buf *out)
{
	const char *s = t->text.p;

	for (size_t i = 0; head && i < t->cols; i++) {
		if (i == 0) {
			t->width[0] -= 2;
			buf_str(out, "# ");
		}
		put(t, out, i, t->head[i] + (t->head[i][0] == '>'));
		if (i == 0)
			t->width[0] += 2;
	}
	if (t->text.err)
		out->err = t->text.err;
	for (size_t i = 0; !out->err && i < t->cells; i++) {
		put(t, out, i % t->cols, s);
		s += strlen(s) + 1;
	}
	buf_free(&t->text);
	t->cells = 0;
}
