/* dagedges: the names of a definition's tasks, and the edges between them. */
#ifndef DAGEDGES_H
#define DAGEDGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "dagerr.h"
#include "daggroups.h"
#include "daglex.h"

struct dagedges_slot {
	uint32_t hash, task;	/* task + 1; 0: free */
};

struct dagedges {
	const char *dag;
	const struct daglex *lex;
	struct dagerr *err;
	uint32_t n;		/* tasks, in the order of the file */
	uint32_t *section;	/* the section of each */
	struct daggroups groups;
	struct dagedges_slot *table;	/* open addressing */
	uint32_t mask;
	uint32_t *stamp;	/* the last task + 1 that came after each */
	uint32_t *at, *from;	/* edges, as graph_make wants them */
	size_t nfrom, capfrom;
	size_t guesses;		/* what may still be spent on likely names */
	struct buf word, why;
};

/*
 * Numbers the tasks, and the groups. Errors: names that are there twice, or
 * that are the same as variables (a-b, a_b). 0, or -1 with errno ENOMEM.
 */
int dagedges_init(struct dagedges *, const char *dag, const struct daglex *,
	struct dagerr *);
/*
 * Adds what a value of "after" of a task says (its place is span, its text
 * value); tasks come in ascending order. The names are appended to list, a
 * blank between; for a group those of its last tasks. Errors: what is no
 * name, unknown, there twice, the task itself. With more, the value is
 * another that adds to it: what is there twice is so once. 0, or -1 with
 * errno ENOMEM.
 */
int dagedges_add(struct dagedges *, uint32_t task,
	const struct dagtext_span *span, const char *value, bool more,
	struct buf *list);
/* the task of exactly that name, or UINT32_MAX */
uint32_t dagedges_find(const struct dagedges *, const char *name, size_t n);
/* its section, its name */
const struct daglex_section *dagedges_section(const struct dagedges *,
	uint32_t task);
const char *dagedges_name(const struct dagedges *, uint32_t task, size_t *n);
/* has a section a value of that key? */
bool dagedges_has(const struct dagedges *, const struct daglex_section *,
	int key);
/* calls f with each word of the values of a key in a section, with its place:
 * byte off of span; -1 ENOMEM */
int dagedges_words(struct dagedges *, const struct daglex_section *, int key,
	void (*f)(void *, const char *word, const struct dagtext_span *span,
	size_t off), void *);
void dagedges_free(struct dagedges *);

#endif
