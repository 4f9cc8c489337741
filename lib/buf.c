/* buf: a growable string of bytes. */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"

enum {
	SHORT = 32,		/* bytes that are printed at once, most often */
	LONG = 1 << 20, PIECE = 16 << 10,
};

int
buf_need(struct buf *b, size_t n)
{
	size_t cap;
	char *p;

	if (b->err)
		goto fail;
	if (n < b->cap - b->n)
		return 0;
	cap = b->cap ? b->cap : 64;
	while (cap - b->n <= n) {
		if (cap > (size_t)-1 / 2) {
			b->err = ENOMEM;
			goto fail;
		}
		cap *= 2;
	}
	p = realloc(b->p, cap);
	if (!p) {
		b->err = ENOMEM;
		goto fail;
	}
	b->p = p;
	b->cap = cap;
	return 0;
fail:
	errno = b->err;
	return -1;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (buf_need(b, n) < 0)
		return;
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_ch(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n = SHORT;

	/* most fit into what there is */
	do {
		if (buf_need(b, (size_t)n) < 0)
			return;
		va_start(ap, fmt);
		n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, ap);
		va_end(ap);
		if (n < 0)
			return;
	} while ((size_t)n >= b->cap - b->n);
	b->n += (size_t)n;
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	b->err = 0;
}

void
buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf)BUF_INIT;
}

char *
buf_cstr(struct buf *b)
{
	static char empty[1];

	if (buf_need(b, 1) < 0) {
		empty[0] = '\0';
		return empty;
	}
	b->p[b->n] = '\0';
	return b->p;
}

static int
read_all(struct buf *b, int fd, size_t size, size_t max)
{
	const size_t from = b->n;
	ssize_t r;

	for (;;) {
		if (buf_need(b, b->n < 4096 ? 4096 : b->n) < 0)
			return -1;
		r = read(fd, b->p + b->n, b->cap - b->n - 1);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		b->n += (size_t)r;
		if (b->n > max) {
			errno = EFBIG;
			return -1;
		}
		if (r == 0 || (b->n - from >= size && b->n < b->cap - 1))
			return 0;
	}
}

int
buf_read(struct buf *b, int fd, size_t max)
{
	return read_all(b, fd, SIZE_MAX, max);
}

int
buf_read_file(struct buf *b, int fd, size_t size, size_t max)
{
	return read_all(b, fd, size, max);
}

int
file_is_text(int fd, size_t size)
{
	char piece[PIECE];
	off_t at = 0;
	ssize_t r = 1;

	if (size <= LONG)
		return 1;
	while (r > 0) {
		r = pread(fd, piece, sizeof piece, at);
		if (r > 0 && memchr(piece, '\0', (size_t)r))
			return 0;
		if (r < 0 && errno == EINTR)
			r = 1;
		else
			at += r;
	}
	return r < 0 ? -1 : 1;
}

int
write_all(int fd, const void *data, size_t n)
{
	const char *p = data;
	ssize_t r;

	while (n > 0) {
		r = write(fd, p, n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}
