/* text: bytes of others made fit to be shown: on a terminal, in JSON. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* how many of the n bytes at s (one at least) are its first character, which
 * is put into *c; 0: they are none */
size_t text_character(const unsigned char *s, size_t n, uint32_t *c);

/* does a character turn the order in which others are shown? U+202A and on */
bool text_turns(uint32_t c);

/* appends n bytes; control characters, what turns others round, and what is
 * no UTF-8, as \t \n \r \xNN */
void text_plain(struct buf *, const char *, size_t n);
/* the same with newlines and tabs as they are: for logs on a terminal */
void text_lines(struct buf *, const char *, size_t n);
/* appends n bytes as a JSON string in its quotes; what is no UTF-8 becomes
 * U+FFFD */
void text_json(struct buf *, const char *, size_t n);
/* appends ,"key":"value" or ,"key":value; nothing if value is "" */
void text_json_str(struct buf *, const char *key, const char *value);
void text_json_num(struct buf *, const char *key, const char *value);

/* columns a text of n bytes takes: its characters */
size_t text_width(const char *, size_t n);

#endif
