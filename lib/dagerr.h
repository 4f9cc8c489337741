/* dagerr: the errors of one DAG file, gathered, in order, as records. */
#ifndef DAGERR_H
#define DAGERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum { DAGERR_MAX = 100 };	/* errors that are kept; others are counted */

struct dagerr_item {
	uint32_t line, col;	/* from 1; 0: none */
	uint32_t head;		/* the item it is a detail of, or itself */
	char *text;
};

struct dagerr {
	struct dagerr_item *item;
	size_t n, cap;
	size_t total;		/* errors, without details, also not kept */
	bool nomem;
};

/* adds an error at line and column, both from 1, or 0 for none */
void dagerr_add(struct dagerr *, uint32_t line, uint32_t col,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* the same, with what the format wants in a list */
void dagerr_vadd(struct dagerr *, uint32_t line, uint32_t col,
	const char *fmt, va_list) __attribute__((format(printf, 4, 0)));
/* adds a detail of the last error, with a place of its own */
void dagerr_detail(struct dagerr *, uint32_t line, uint32_t col,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/*
 * Appends them to out as error records of dag, sorted by place, details
 * behind their error; 0, or -1 with errno ENOMEM.
 */
int dagerr_put(const struct dagerr *, const char *dag, const char *file,
	struct buf *out);
void dagerr_free(struct dagerr *);

#endif
