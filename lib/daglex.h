/* daglex: takes a definition apart into sections and values. */
#ifndef DAGLEX_H
#define DAGLEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dagerr.h"
#include "dagtext.h"

struct daglex_section {
	uint32_t at;		/* where its name begins, if it is a task */
	uint32_t line;		/* from 1 */
	uint32_t first;		/* its first value; the next one's ends them */
	uint8_t namelen;
	uint8_t kind;		/* LANG_DAG…; 0: unknown, it has no values */
	bool bad;		/* a task whose name is no name */
};

struct daglex {
	char *text;		/* the definition; size bytes, then a NUL */
	size_t size;
	struct daglex_section *section;
	size_t n, cap;
	struct dagtext_span *value;
	size_t nvalue, valuecap;
};

/*
 * Fills section and value from text, which is changed only where it is bad.
 * Adds errors of form, of unknown keys and sections, of keys twice in a
 * section. One section more than n is there, as an end. 0, or -1 with errno
 * ENOMEM. The caller owns text.
 */
int daglex_run(struct daglex *, struct dagerr *);
void daglex_free(struct daglex *);

#endif
