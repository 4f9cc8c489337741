/* rec: line records, as they flow through the pipes and rest in plans. */
#ifndef REC_H
#define REC_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/* dagrec(5): KIND tab ID { tab key=value } newline; \\ \t \n \r escaped. */

enum { REC_MAX = 16 << 20 };	/* bytes in a line, at most */

struct rec_field {
	char *key, *value;
};

struct rec {
	const char *kind, *id;
	struct rec_field *field;
	size_t nfield, cap;
	const char *raw;	/* the line as it came, without its newline */
	size_t rawlen;
	struct buf text;	/* what the strings above point into */
};

struct rec_reader {
	int fd;
	bool eof;
	bool skip;		/* in the rest of a line that is too long */
	size_t at;		/* first byte not yet handed out */
	unsigned long line;	/* number of the record last handed out */
	struct buf in;
	/* unless NULL: called before waiting longer than a moment for more */
	void (*pause)(void *);
	void *arg;
};

enum rec_result {
	REC_END,		/* no more */
	REC_OK,
	REC_CUT,		/* the last line lacks its newline */
	REC_BAD,		/* not a record, see rec_fault */
	REC_ERROR,		/* errno says why */
};

/*
 * Reads the next record that is not a comment (#) or an empty line; of a line
 * longer than REC_MAX the beginning is handed out, as bad. A record's
 * strings live until the next call with the same rec, raw until the next
 * call with the same reader.
 */
enum rec_result rec_next(struct rec_reader *, struct rec *);
/* Takes a line apart (no newline in it); REC_OK, REC_BAD or REC_ERROR. */
enum rec_result rec_parse(struct rec *, const char *line, size_t n);
/* the value of a key (of the first, if there are several), or NULL */
const char *rec_get(const struct rec *, const char *key);
/* what is wrong with a line that was REC_BAD: a constant */
const char *rec_fault(const char *line, size_t n);
void rec_free(struct rec *);
void rec_reader_free(struct rec_reader *);

/* writing: rec_begin, any number of rec_put, rec_end, into a buf */
void rec_begin(struct buf *, const char *kind, const char *id);
void rec_put(struct buf *, const char *key, const char *value);
void rec_putf(struct buf *, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void rec_end(struct buf *);
/* appends n bytes escaped as a value */
void rec_escape(struct buf *, const char *, size_t n);
/* appends a value of n bytes without its escapes; -1: a wrong escape */
int rec_unescape(struct buf *, const char *, size_t n);
/* the same into out, as much as there is room for with its NUL, which is more
 * than 0; needs no memory */
int rec_unescape_to(char *out, size_t room, const char *, size_t n);

#endif
