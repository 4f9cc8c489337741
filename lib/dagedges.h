/* dagedges: the names of a definition's tasks, and the edges between them. */
#ifndef DAGEDGES_H
#define DAGEDGES_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "dagerr.h"
#include "daglex.h"

struct dagedges_slot {
	uint32_t hash, task;	/* task + 1; 0: free */
};

struct dagedges {
	const struct daglex *lex;
	struct dagerr *err;
	uint32_t n;		/* tasks, in the order of the file */
	uint32_t *section;	/* the section of each */
	struct dagedges_slot *table;	/* open addressing */
	uint32_t mask;
	uint32_t *stamp;	/* the last task + 1 that came after each */
	uint32_t *at, *from;	/* edges, as graph_make wants them */
	size_t nfrom, capfrom;
	size_t guesses;		/* what may still be spent on likely names */
	struct buf word, why;
};

/*
 * Numbers the tasks. Errors: names that are there twice, or that are the
 * same as variables (a-b, a_b). 0, or -1 with errno ENOMEM.
 */
int dagedges_init(struct dagedges *, const struct daglex *, struct dagerr *);
/*
 * Adds what a value of "after" of a task says (its place is span, its text
 * value); tasks come in ascending order. The names are appended to list, a
 * blank between. Errors: what is no name, unknown, there twice, the task
 * itself. 0, or -1 with errno ENOMEM.
 */
int dagedges_add(struct dagedges *, uint32_t task,
	const struct dagtext_span *span, const char *value, struct buf *list);
/* adds an error for each cycle (of ten); call it once, last; 0, or -1 */
int dagedges_cycles(struct dagedges *);
void dagedges_free(struct dagedges *);

#endif
