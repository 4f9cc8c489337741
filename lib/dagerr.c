/* dagerr: the errors of one DAG file, gathered, in order, as records. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dagerr.h"
#include "rec.h"

enum { TEXT = 1024 };		/* bytes of a message, at most */

static void
add(struct dagerr *e, uint32_t line, uint32_t col, bool detail,
    const char *fmt, va_list ap)
{
	size_t cap = e->cap ? e->cap * 2 : 16;
	struct dagerr_item *item;
	char text[TEXT];

	if (e->n == e->cap) {
		item = realloc(e->item, cap * sizeof *item);
		if (!item) {
			e->nomem = true;
			return;
		}
		e->item = item;
		e->cap = cap;
	}
	vsnprintf(text, sizeof text, fmt, ap);
	item = &e->item[e->n];
	*item = (struct dagerr_item){line, col, (uint32_t)e->n, strdup(text)};
	if (detail)
		item->head = item[-1].head;
	if (!item->text)
		e->nomem = true;
	else
		e->n++;
}

void
dagerr_vadd(struct dagerr *e, uint32_t line, uint32_t col, const char *fmt,
    va_list ap)
{
	if (e->total++ < DAGERR_MAX)
		add(e, line, col, false, fmt, ap);
}

void
dagerr_add(struct dagerr *e, uint32_t line, uint32_t col, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	dagerr_vadd(e, line, col, fmt, ap);
	va_end(ap);
}

void
dagerr_detail(struct dagerr *e, uint32_t line, uint32_t col,
    const char *fmt, ...)
{
	va_list ap;

	if (e->total > DAGERR_MAX || e->n == 0)
		return;
	va_start(ap, fmt);
	add(e, line, col, true, fmt, ap);
	va_end(ap);
}

/* by the place of the error, then in the order they came */
static int
compare(const void *pa, const void *pb, void *arg)
{
	uint32_t ia = *(const uint32_t *)pa, ib = *(const uint32_t *)pb;
	const struct dagerr_item *item = arg;
	const struct dagerr_item *a = &item[item[ia].head];
	const struct dagerr_item *b = &item[item[ib].head];

	if (a == b)
		return (ia > ib) - (ia < ib);
	/* what has no line is of the whole file, and comes last */
	if (a->line != b->line)
		return a->line - 1 < b->line - 1 ? -1 : 1;
	if (a->col != b->col)
		return a->col < b->col ? -1 : 1;
	return (a > b) - (a < b);
}

static void
put(struct buf *out, const char *dag, const char *file,
    const struct dagerr_item *item)
{
	rec_begin(out, "error", dag);
	rec_put(out, "file", file);
	if (item->line) {
		rec_putf(out, "line", "%u", (unsigned)item->line);
		rec_putf(out, "col", "%u", (unsigned)item->col);
	}
	rec_put(out, "text", item->text);
	rec_end(out);
}

int
dagerr_put(const struct dagerr *e, const char *dag, const char *file,
    struct buf *out)
{
	struct dagerr_item more = {0};
	char text[64];
	uint32_t *order;

	order = malloc((e->n + 1) * sizeof *order);
	if (!order || e->nomem) {
		free(order);
		errno = ENOMEM;
		return -1;
	}
	for (uint32_t i = 0; i < e->n; i++)
		order[i] = i;
	qsort_r(order, e->n, sizeof *order, compare, e->item);
	for (size_t i = 0; i < e->n; i++)
		put(out, dag, file, &e->item[order[i]]);
	free(order);
	if (e->total > DAGERR_MAX) {
		more.text = text;
		snprintf(text, sizeof text, "%zu more errors are not shown",
		    e->total - DAGERR_MAX);
		put(out, dag, file, &more);
	}
	if (out->err)
		errno = out->err;
	return out->err ? -1 : 0;
}

void
dagerr_free(struct dagerr *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->item[i].text);
	free(e->item);
	*e = (struct dagerr){0};
}
