/* order: pieces of a text, sorted by keys. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"

void
order_add(struct order *o, size_t at, const char *key, bool number)
{
	struct order_piece *p;

	if (o->n == o->cap) {
		size_t cap = o->cap ? o->cap * 2 : 256;

		p = realloc(o->piece, cap * sizeof *p);
		if (!p) {
			o->keys.err = ENOMEM;
			return;
		}
		o->piece = p;
		o->cap = cap;
	}
	o->piece[o->n++] = (struct order_piece){ .at = at, .key = o->keys.n,
	    .number = number ? strtod(key, NULL) : 0, .known = *key };
	buf_add(&o->keys, number ? "" : key, number ? 1 : strlen(key) + 1);
}

struct side {
	const char *keys;
	int sign;
};

static int
compare(const void *a, const void *b, void *arg)
{
	const struct order_piece *x = a, *y = b;
	const struct side *side = arg;
	int c;

	if (x->known != y->known)
		return x->known ? -1 : 1;
	c = (x->number > y->number) - (x->number < y->number);
	if (c == 0)
		c = strcmp(side->keys + x->key, side->keys + y->key);
	if (c)
		return c * side->sign;
	return (x->at > y->at) - (x->at < y->at);
}

void
order_apply(struct order *o, bool reverse, struct buf *text)
{
	struct side side = { o->keys.p, reverse ? -1 : 1 };
	struct buf out = BUF_INIT;

	if (o->n == 0 || text->err || o->keys.err) {
		text->err = text->err ? text->err : o->keys.err;
		return;
	}
	for (size_t i = 0; i < o->n; i++)
		o->piece[i].end = i + 1 < o->n ? o->piece[i + 1].at : text->n;
	qsort_r(o->piece, o->n, sizeof *o->piece, compare, &side);
	for (size_t i = 0; i < o->n; i++)
		buf_add(&out, text->p + o->piece[i].at,
		    o->piece[i].end - o->piece[i].at);
	buf_free(text);
	*text = out;
}

void
order_free(struct order *o)
{
	free(o->piece);
	buf_free(&o->keys);
	*o = (struct order){0};
}
