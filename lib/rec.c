/* rec: line records, as they flow through the pipes and rest in plans. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rec.h"

enum { PAUSE = 20 };		/* ms: shorter, what comes is one batch */

void
rec_escape(struct buf *b, const char *s, size_t n)
{
	size_t from = 0;
	char c;

	for (size_t i = 0; i < n; i++) {
		switch (s[i]) {
		case '\\': c = '\\'; break;
		case '\t': c = 't'; break;
		case '\n': c = 'n'; break;
		case '\r': c = 'r'; break;
		default: continue;
		}
		buf_add(b, s + from, i - from);
		buf_ch(b, '\\');
		buf_ch(b, c);
		from = i + 1;
	}
	buf_add(b, s + from, n - from);
}

/* unescapes n bytes at s into dst, which may be s and has so much room; the
 * number of those that fit, or -1 */
static ssize_t
unescape(char *dst, size_t room, const char *s, size_t n)
{
	char *d = dst;

	for (size_t i = 0; i < n && d < dst + room; i++) {
		if (s[i] != '\\') {
			*d++ = s[i];
			continue;
		}
		if (++i == n)
			return -1;
		switch (s[i]) {
		case '\\': *d++ = '\\'; break;
		case 't': *d++ = '\t'; break;
		case 'n': *d++ = '\n'; break;
		case 'r': *d++ = '\r'; break;
		default: return -1;
		}
	}
	return d - dst;
}

int
rec_unescape(struct buf *b, const char *s, size_t n)
{
	ssize_t r;

	if (buf_need(b, n) < 0)
		return -1;
	r = unescape(b->p + b->n, n, s, n);
	if (r < 0)
		return -1;
	b->n += (size_t)r;
	return 0;
}

int
rec_unescape_to(char *out, size_t room, const char *s, size_t n)
{
	ssize_t r = unescape(out, room - 1, s, n);

	out[r < 0 ? 0 : r] = '\0';
	return r < 0 ? -1 : 0;
}

void
rec_begin(struct buf *b, const char *kind, const char *id)
{
	buf_str(b, kind);
	buf_ch(b, '\t');
	buf_str(b, id);
}

void
rec_put(struct buf *b, const char *key, const char *value)
{
	buf_ch(b, '\t');
	buf_str(b, key);
	buf_ch(b, '=');
	rec_escape(b, value, strlen(value));
}

void
rec_putf(struct buf *b, const char *key, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	rec_put(b, key, text);
}

void
rec_end(struct buf *b)
{
	buf_ch(b, '\n');
}

const char *
rec_fault(const char *line, size_t n)
{
	const char *tab = memchr(line, '\t', n);

	if (memchr(line, '\0', n))
		return "a NUL byte in it";
	if (n > REC_MAX)
		return "longer than 16 MiB";
	if (!tab || tab == line)
		return "no kind and identity, separated by a tab";
	if (tab + 1 == line + n || tab[1] == '\t')
		return "no identity after the kind";
	return "a field is not key=value, or has a wrong escape";
}

static int
add_field(struct rec *r, char *key, char *value)
{
	struct rec_field *f;
	size_t cap;

	if (r->nfield == r->cap) {
		cap = r->cap ? r->cap * 2 : 16;
		f = realloc(r->field, cap * sizeof *f);
		if (!f)
			return -1;
		r->field = f;
		r->cap = cap;
	}
	r->field[r->nfield++] = (struct rec_field){key, value};
	return 0;
}

enum rec_result
rec_parse(struct rec *r, const char *line, size_t n)
{
	char *p, *end, *tab, *eq;
	ssize_t len;

	r->raw = line;
	r->rawlen = n;
	r->nfield = 0;
	r->kind = r->id = NULL;
	buf_reset(&r->text);
	if (n > REC_MAX || memchr(line, '\0', n))
		return REC_BAD;
	buf_add(&r->text, line, n);
	p = buf_cstr(&r->text);
	if (r->text.err)
		return REC_ERROR;
	end = p + n;
	for (int i = 0; p <= end; i++, p = tab + 1) {
		tab = memchr(p, '\t', (size_t)(end - p));
		if (!tab)
			tab = end;
		*tab = '\0';
		if (i < 2) {
			if (tab == p)
				return REC_BAD;
			*(i == 0 ? &r->kind : &r->id) = p;
			continue;
		}
		eq = memchr(p, '=', (size_t)(tab - p));
		if (!eq || eq == p)
			return REC_BAD;
		*eq = '\0';
		len = unescape(eq + 1, (size_t)(tab - eq - 1), eq + 1,
		    (size_t)(tab - eq - 1));
		if (len < 0)
			return REC_BAD;
		eq[1 + len] = '\0';
		if (add_field(r, p, eq + 1) < 0)
			return REC_ERROR;
	}
	return r->id ? REC_OK : REC_BAD;
}

const char *
rec_get(const struct rec *r, const char *key)
{
	for (size_t i = 0; i < r->nfield; i++)
		if (strcmp(r->field[i].key, key) == 0)
			return r->field[i].value;
	return NULL;
}

/* is nothing there to be read, for a moment? */
static bool
paused(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, PAUSE) == 0;
}

/* reads more behind what is left; 1, 0 at the end, -1 */
static int
fill(struct rec_reader *in)
{
	ssize_t r;

	if (in->at) {
		memmove(in->in.p, in->in.p + in->at, in->in.n - in->at);
		in->in.n -= in->at;
		in->at = 0;
	}
	if (in->pause && paused(in->fd))
		in->pause(in->arg);
	if (buf_need(&in->in, in->in.n < 65536 ? 65536 : in->in.n) < 0)
		return -1;
	do
		r = read(in->fd, in->in.p + in->in.n, in->in.cap - in->in.n);
	while (r < 0 && errno == EINTR);
	if (r > 0)
		in->in.n += (size_t)r;
	return r > 0 ? 1 : (int)r;
}

enum rec_result
rec_next(struct rec_reader *in, struct rec *r)
{
	size_t seen = 0;
	char *line, *nl;
	int more;

	for (;;) {
		line = in->in.p ? in->in.p + in->at : NULL;
		nl = line ? memchr(line + seen, '\n',
		    in->in.n - in->at - seen) : NULL;
		if (nl) {
			in->at += (size_t)(nl - line) + 1;
			in->line += !in->skip;
			seen = 0;
			if (nl == line || *line == '#' || in->skip) {
				in->skip = false;
				continue;
			}
			return rec_parse(r, line, (size_t)(nl - line));
		}
		seen = in->in.n - in->at;
		if (seen > REC_MAX || in->skip) {
			in->at = in->in.n;
			r->raw = line;
			r->rawlen = seen;
			seen = 0;
			if (!in->skip) {
				in->skip = true;
				in->line++;
				return REC_BAD;
			}
		}
		more = in->eof ? 0 : fill(in);
		if (more < 0)
			return REC_ERROR;
		if (more == 0) {
			in->eof = true;
			if (in->in.n == in->at)
				return REC_END;
			in->line++;
			r->raw = in->in.p + in->at;
			r->rawlen = in->in.n - in->at;
			in->at = in->in.n;
			return REC_CUT;
		}
	}
}

void
rec_free(struct rec *r)
{
	free(r->field);
	buf_free(&r->text);
	*r = (struct rec){0};
}

void
rec_reader_free(struct rec_reader *in)
{
	buf_free(&in->in);
}
