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

const char *
planline_short(const char *line, size_t len, const char *key, char text[64])
{
	size_t n;
	const char *s = planline_value(line, len, key, &n);

	if (!s || n >= 64)
		return NULL;
	memcpy(text, s, n);
	text[n] = '\0';
	return text;
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
    size_t *idlen, unsigned *keys, struct buf *why)
{
	size_t klen = strlen(kind);
	const char *p, *tab, *equal, *end = line + len;

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
		equal = memchr(p, '=', (size_t)((tab ? tab : end) - p));
		if (equal)
			*keys |= plankind(p, (size_t)(equal - p));
		else
			return planline_bad(why, "a field without \"=\":", p,
			    (size_t)((tab ? tab : end) - p));
	}
	return 0;
}
