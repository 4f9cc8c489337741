/* order: pieces of a text, sorted by keys. */
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct order_piece {
	size_t at, end;		/* in the text */
	size_t key;		/* in keys */
	double number;
	bool known;
};

/* zero at first; order_free */
struct order {
	struct order_piece *piece;
	size_t n, cap;
	struct buf keys;
};

/* the next piece begins at offset at; "" is a key that is not known */
void order_add(struct order *, size_t at, const char *key, bool number);
/*
 * Sorts the pieces of a text, which go from one offset to the next: those of
 * equal keys stay as they were, those without one come last. An error is the
 * text's.
 */
void order_apply(struct order *, bool reverse, struct buf *text);
void order_free(struct order *);

#endif
