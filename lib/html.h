/* html: any text made fit for a page: HTML or SVG. */
#ifndef HTML_H
#define HTML_H

#include "buf.h"

/*
 * The one door through which names, values and logs come into a page: n bytes
 * as text, or as an attribute's value within double quotes. Markup becomes
 * entities; control characters other than tab and newline become pictures of
 * themselves, what is no UTF-8, or would turn the order of others, U+FFFD. So a
 * page is well-formed XML whatever is in it.
 */
void html_text(struct buf *, const char *, size_t n);
void html_str(struct buf *, const char *);
/* the same for what a program wrote: sequences that only colour text, or clear
 * the rest of a line, are left out, and carriage returns before newlines */
void html_log(struct buf *, const char *, size_t n);
/* the same for a part of a relative URL: bytes other than letters, digits and
 * - . _ ~ are percent-encoded */
void html_url(struct buf *, const char *);

#endif
