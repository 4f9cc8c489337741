/* dagtext: the bytes of a definition: its lines, and the values in them. */
#include <string.h>

#include "dagtext.h"

uint32_t
dagtext_column(const char *s, const char *p)
{
	uint32_t col = 1;

	for (; s < p; s++)
		col += ((unsigned char)*s & 0xc0) != 0x80;
	return col;
}

/* the length of the UTF-8 character at s, or 0: it is none (RFC 3629) */
static size_t
utf8_len(const unsigned char *s, const unsigned char *e)
{
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	if (s[0] < 0xc2 || s[0] > 0xf4 || (size_t)(e - s) < n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* the first byte from s on that is not plain text; *fault says why, or e */
static char *
first_bad(char *s, char *e, const char **fault)
{
	unsigned char c;
	size_t n;

	while (s < e) {
		c = (unsigned char)*s;
		if ((c >= ' ' && c < 127) || c == '\t') {
			s++;
			continue;
		}
		if (c < 128) {
			*fault = c == 0 ? "a NUL byte" : "a control character";
			return s;
		}
		n = utf8_len((unsigned char *)s, (unsigned char *)e);
		if (n == 0 || (c == 0xc2 && (unsigned char)s[1] < 0xa0)) {
			*fault = n ? "a control character" :
			    "this is not UTF-8";
			return s;
		}
		s += n;
	}
	return e;
}

static void
check_bytes(const char *start, char *s, char *e, uint32_t line,
    struct dagerr *err)
{
	const char *fault = NULL;
	char *bad = first_bad(s, e, &fault);

	/* one error a line is enough */
	if (bad < e)
		dagerr_add(err, line, dagtext_column(start, bad), "%s", fault);
	for (; bad < e; bad = first_bad(bad, e, &fault))
		*bad = 'x';
}

bool
dagtext_check_line(char *text, char *s, char *e, uint32_t line, bool *crlf,
    struct dagerr *err)
{
	size_t before = err->total;
	const char *start = s;

	if (e - s > DAGTEXT_LINE) {
		dagerr_add(err, line, 1, "a line of %zu bytes; at most %d are "
		    "allowed", (size_t)(e - s), DAGTEXT_LINE);
		return false;
	}
	if (s == text && e - s >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0) {
		dagerr_add(err, line, 1, "a byte order mark; the file must "
		    "be plain UTF-8");
		s += 3;
		start = s;
	}
	if (e > s && e[-1] == '\r') {
		if (!*crlf)
			dagerr_add(err, line, dagtext_column(start, e - 1),
			    "the line ends in CR LF; it must end in LF only");
		*crlf = true;
		*--e = ' ';
	}
	check_bytes(start, s, e, line, err);
	return err->total == before;
}

/* a value's text as it is put together, and where one byte of it stands */
struct build {
	struct buf *out;	/* NULL: it is not wanted */
	size_t n;		/* bytes until now */
	size_t want;		/* the byte that is looked for */
	const char *found;	/* where it stands in the definition */
};

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static const char *
line_end(const char *s, const char *e)
{
	const char *nl = memchr(s, '\n', (size_t)(e - s));

	return nl ? nl : e;
}

static void
piece(struct build *b, const char *s, const char *e)
{
	if (b->n == 0)
		while (s < e && blank(*s))
			s++;
	if (b->want >= b->n && b->want - b->n < (size_t)(e - s))
		b->found = s + (b->want - b->n);
	if (b->out)
		buf_add(b->out, s, (size_t)(e - s));
	b->n += (size_t)(e - s);
}

/* how many bytes at the start all lines have in common that are not empty */
static size_t
indentation(const char *s, const char *e)
{
	const char *first = NULL, *end;
	size_t n = 0, i;

	for (; s < e; s = end + 1) {
		end = line_end(s, e);
		for (i = 0; s + i < end && blank(s[i]); i++)
			;
		if (s + i == end || *s == '#')
			continue;
		if (!first) {
			first = s;
			n = i;
		}
		for (i = 0; i < n && s[i] == first[i]; i++)
			;
		n = i;
	}
	return n;
}

/* of a value of several lines, so that there is an end of the first */
static void
build(struct build *b, const char *text, const struct dagtext_span *v)
{
	const char *s = text + v->at, *e = s + v->len, *end;
	size_t indent, i;

	end = line_end(s, e);
	piece(b, s, end + 1);
	s = end + 1;
	indent = indentation(s, e);
	for (; s < e; s = end + 1) {
		end = line_end(s, e);
		if (*s == '#')
			continue;
		for (i = 0; i < indent && s + i < end; i++)
			;
		piece(b, s + i, end < e ? end + 1 : end);
	}
}

const char *
dagtext_value(const char *text, const struct dagtext_span *v,
    struct buf *out)
{
	struct build b = {.out = out, .want = (size_t)-1};

	buf_reset(out);
	if (!v->several)
		buf_add(out, text + v->at, v->len);
	else
		build(&b, text, v);
	while (out->n > 0 && blank(out->p[out->n - 1]))
		out->n--;
	return buf_cstr(out);
}

void
dagtext_place(const char *text, const struct dagtext_span *v, size_t off,
    uint32_t *line, uint32_t *col)
{
	const char *s = text + v->at, *p = s + off;
	struct build b = {.want = off};

	*line = v->line;
	if (v->several) {
		build(&b, text, v);
		p = b.found ? b.found : s;
		for (; s < p; s++)
			*line += *s == '\n';
	}
	/* daglex' values may have been terminated by NULs since */
	for (s = p; s > text && s[-1] != '\n' && s[-1] != '\0'; s--)
		;
	/* a byte order mark is not a column */
	if (s == text && strncmp(s, "\xef\xbb\xbf", 3) == 0)
		s += 3;
	*col = dagtext_column(s, p);
}
