/* dagtext: the bytes of a definition: its lines, and the values in them. */
#ifndef DAGTEXT_H
#define DAGTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "dagerr.h"

enum {
	DAGTEXT_MAX = 256 << 20,	/* bytes in a definition, at most */
	DAGTEXT_LINE = 999999,		/* bytes in a line, at most */
};

/* where a value stands: from the first byte behind "=" that is not blank */
struct dagtext_span {
	uint32_t at, len;	/* to the end of its last line */
	uint32_t line;		/* from 1 */
	uint8_t key;		/* number in lang_keys */
	bool several;		/* it goes on in more lines than one */
};

/*
 * Looks at one line (from *s, its newline is at e; number line): too long, a
 * control character, not UTF-8, CR LF (said once a file), a byte order mark.
 * Adds errors, and writes 'x' over what is bad, so that whatever reads the
 * line next meets text. True if the line was good.
 */
bool dagtext_check_line(char *text, char *s, char *e, uint32_t line,
	bool *crlf, struct dagerr *);
/*
 * The text of a value, put into out (reset before) and terminated; of one that
 * goes on in several lines without comments and the common indentation, from
 * its first to its last non-blank.
 */
const char *dagtext_value(const char *text, const struct dagtext_span *,
	struct buf *out);
/* line and column of byte off of a value's text */
void dagtext_place(const char *text, const struct dagtext_span *, size_t off,
	uint32_t *line, uint32_t *col);
/* the column, in characters from 1, of p in the line that begins at s */
uint32_t dagtext_column(const char *s, const char *p);

#endif
