/* planline: one line of a plan: a record, its form, its raw values. */
#include <errno.h>
#include <string.h>

#include "planline.h"

const char *
planline_value(const char *line, size_t len, const char *key, size_t *n)
{
	size_t klen = strlen(key);
	const char *end = line + len, *p = line, *tab;

	while ((p = memchr(p, '\t', (size_t)(end - p)))) {
		p++;
		if ((size_t)(end - p) > klen && p[klen] == '=' &&
		    memcmp(p, key, klen) == 0) {
			p += klen + 1;
			tab = memchr(p, '\t', (size_t)(end - p));
			*n = (size_t)((tab ? tab : end) - p);
			return p;
		}
	}
	return NULL;
}

int
planline_bad(struct buf *why, const char *what, const char *s, size_t n)
{
	if (why)
		buf_fmt(why, "%s%s%.*s%s", what, n ? " \"" : "",
		    n > 200 ? 200 : (int)n, s, n ? "\"" : "");
	errno = EINVAL;
	return -1;
}

int
planline_form(const char *line, size_t len, const char *kind, const char **id,
    size_t *idlen, struct buf *why)
{
	size_t klen = strlen(kind);
	const char *p, *tab, *end = line + len;

	if (len < klen + 2 || memcmp(line, kind, klen) != 0 ||
	    line[klen] != '\t')
		return planline_bad(why, "not a record of the kind", kind,
		    klen);
	*id = p = line + klen + 1;
	tab = memchr(p, '\t', (size_t)(end - p));
	*idlen = (size_t)((tab ? tab : end) - p);
	while (tab) {
		p = tab + 1;
		tab = memchr(p, '\t', (size_t)(end - p));
		if (!memchr(p, '=', (size_t)((tab ? tab : end) - p)))
			return planline_bad(why, "a field without \"=\":", p,
			    (size_t)((tab ? tab : end) - p));
	}
	return 0;
}
