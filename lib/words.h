/* words: lists, split at white space except within quotes. */
#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/*
 * Takes the next word of *s into word (of at least strlen(*s) + 1 bytes) and
 * moves *s behind it. White space separates; "…" and '…' keep it and are
 * taken away, also within a word; a backslash is an ordinary byte.
 * 1 a word, 0 no more, -1 a quote is not closed.
 */
int words_next(const char **s, char *word);
/*
 * Splits all of s: an array of strings ended by NULL, one allocation that
 * the caller frees; *n, unless NULL, is their number. NULL with errno:
 * EINVAL a quote is not closed, ENOMEM.
 */
char **words_split(const char *s, size_t *n);

/* appends a word to such a list, unless it is there */
void words_put(struct buf *list, const char *word);
/* is a word in a list of plain ones with a blank between? */
bool words_has(const char *list, const char *word);

#endif
