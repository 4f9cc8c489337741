/* dagvalue: the values of a definition's sections: found, joined, checked. */
#ifndef DAGVALUE_H
#define DAGVALUE_H

#include "dagedges.h"
#include "lang.h"

enum { DAGVALUE_NONE = -1, DAGVALUE_CLASHES = 11 };

/* a definition that is being compiled */
struct compiler {
	const char *dag;
	const char *file;
	struct daglex lex;
	struct dagerr *err;
	struct dagedges edges;
	/* for each key, in the section at hand: its first value or NONE */
	int64_t first[LANG_NKEYS];
	bool undone[LANG_NKEYS];
	int clash[DAGVALUE_CLASHES];	/* dagclash.c: numbers of keys */
	bool slotted;		/* its [dag] has a schedule with slots */
	char **fallback;	/* what [default], or the group, says */
	char *(*sets)[LANG_NKEYS];	/* of [default], then each group */
	struct buf value, joined, why;
	int error;		/* of the system, or 0 */
	struct buf *out;
	size_t start;		/* of what is appended to out */
};

/* what failed in the system is not the file's fault, and remembered */
void dagvalue_note(struct compiler *, int error);
/* the text of a value; it lives until the next one is asked for */
const char *dagvalue_text(struct compiler *, const struct dagtext_span *);
/* adds an error if a value is not as its key wants it */
void dagvalue_check(struct compiler *, const struct dagtext_span *,
	const char *value);
/* adds an error: where the section says that key first, or else where it
 * begins */
void dagvalue_blame(struct compiler *, const struct daglex_section *, int key,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/*
 * Finds the values of a section. An empty one undoes what [default] says,
 * and what was said before it.
 */
void dagvalue_find(struct compiler *, const struct daglex_section *);
/* the next value of a key that repeats, or NULL; *i moves */
const struct dagtext_span *dagvalue_next(const struct compiler *,
	const struct daglex_section *, int key, int64_t *i);
/* does the section at hand, or what stands for all, say anything of a key? */
bool dagvalue_said(const struct compiler *, int key);
/*
 * The value of a key in a section, checked; a list's values are joined by a
 * blank, behind what [default] has of other names. NULL: there is none.
 */
const char *dagvalue_of(struct compiler *, const struct daglex_section *,
	int key);

#endif
