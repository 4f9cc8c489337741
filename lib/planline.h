/* planline: one line of a plan: a record, its form, its raw values. */
#ifndef PLANLINE_H
#define PLANLINE_H

#include <stddef.h>

#include "buf.h"
#include "plankind.h"

/* the raw text of key in a record's line, or NULL; *n its length */
const char *planline_value(const char *line, size_t len, const char *key,
	size_t *n);
/* a short value without escapes, in place of a copy that memory could fail
 * for; NULL: there is none */
const char *planline_short(const char *line, size_t len, const char *key,
	char text[64]);
/* checks one record's form: KIND, ID, fields with '='; *id and *idlen; adds
 * the kinds of its keys to *keys; -1, EINVAL */
int planline_form(const char *line, size_t len, const char *kind,
	const char **id, size_t *idlen, unsigned *keys, struct buf *why);
/* says in why (or NULL) what is wrong, of n bytes of s; -1, EINVAL */
int planline_bad(struct buf *why, const char *what, const char *s, size_t n);

#endif
