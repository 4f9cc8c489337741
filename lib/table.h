/* table: rows of cells, printed in columns as wide as they need to be. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "term.h"

enum { TABLE_COLS = 16 };

struct table {
	struct buf text;	/* the cells, each a hue, its text and a NUL */
	size_t cols, cells, width[TABLE_COLS];
	const char *const *head;
	const struct term *term;	/* NULL: no colour */
	bool cut;		/* lines end where the terminal does */
};

/* head: the columns' names, NULL ends them; one that begins with '>' is
 * aligned to the right. Lives as long as the table. */
void table_begin(struct table *, const char *const *head);
/* the next cell: row by row, column by column; "" becomes "-" */
void table_cell(struct table *, const char *);
void table_hued(struct table *, enum term_hue, const char *);
/* the text of the first cell, of the one after it: row by row; NULL: none */
const char *table_first(const struct table *);
const char *table_after(const struct table *, const char *cell);
/* appends the table, with its head behind "# " if that is wanted, and empties
 * it */
void table_end(struct table *, bool head, struct buf *out);

#endif
