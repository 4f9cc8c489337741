/* tz: time zones, read from TZif files (RFC 8536) in /usr/share/zoneinfo. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "instant.h"
#include "tz.h"
#include "tzrule.h"

#define ZONES "/usr/share/zoneinfo/"
#define LOCALTIME "/etc/localtime"

enum { FILE_MAX = 1 << 20, NAME_MAX_LEN = 128, HEAD = 44 };

/* the calendar repeats itself every 400 years, to the day of the week */
static const int64_t cycle = INT64_C(146097) * 86400;

/*
 * The changes of a zone, each to another offset than the one before; beyond
 * the last of the file its rule is written out for 400 years and more, so
 * that any later instant has an equal a number of cycles before it.
 */
struct tz {
	struct tz *next;
	char *name;
	int first;		/* the offset before the first change */
	struct tz_change *change;
	size_t n, cap;
	int64_t turn;		/* later instants are moved back by cycles */
};

static struct tz *loaded;

static int
add_change(struct tz *z, int64_t at, int off)
{
	struct tz_change *p;

	if (z->n > 0 && z->change[z->n - 1].at == at)
		z->n--;
	if (off == (z->n > 0 ? z->change[z->n - 1].off : z->first))
		return 0;
	if (z->n == z->cap) {
		z->cap = z->cap ? z->cap * 2 : 256;
		p = realloc(z->change, z->cap * sizeof *p);
		if (!p)
			return -1;
		z->change = p;
	}
	z->change[z->n++] = (struct tz_change){at, off};
	return 0;
}

static int64_t
big_endian(const unsigned char *p, int size)
{
	uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;

	while (size-- > 0)
		v = v << 8 | *p++;
	return (int64_t)v;
}

struct head {
	size_t isut, isstd, leap, time, type, chars;
};

/* reads a header and what its block takes, times of size bytes; 0, or -1 */
static int
read_head(const unsigned char *p, size_t n, size_t size, struct head *h,
    size_t *block)
{
	size_t *const count[] = {&h->isut, &h->isstd, &h->leap, &h->time,
	    &h->type, &h->chars};

	if (n < HEAD || memcmp(p, "TZif", 4) != 0)
		return -1;
	for (int i = 0; i < 6; i++) {
		*count[i] = (size_t)big_endian(p + 20 + 4 * i, 4);
		if (*count[i] > FILE_MAX)
			return -1;
	}
	*block = HEAD + h->time * (size + 1) + h->type * 6 + h->chars +
	    h->leap * (size + 4) + h->isstd + h->isut;
	return *block > n || h->type == 0 ? -1 : 0;
}

/* the rule of the last line of a file, for all the years the zone needs */
static int
read_rule(struct tz *z, const unsigned char *p, size_t n)
{
	const unsigned char *end = n > 1 && *p == '\n' ?
	    memchr(p + 1, '\n', n - 1) : NULL;
	struct tz_rule rule;
	struct tz_change c[2];
	struct civil last = {.year = 1800};
	int64_t after = civil_seconds(&(struct civil){1800, 1, 1, 0, 0, 0});
	size_t known = z->n;

	if (!end)
		return -1;
	if (end == p + 1)
		return 0;
	if (tz_rule_parse(&rule, (const char *)p + 1) < 0)
		return -1;
	if (!rule.dst)
		return 0;
	if (known > 0 && z->change[known - 1].at > after) {
		after = z->change[known - 1].at;
		civil_from_seconds(&last, after);
	}
	for (int year = last.year; year <= last.year + 403; year++) {
		tz_rule_year(&rule, year, c);
		for (int i = 0; i < 2; i++)
			if (c[i].at > after &&
			    add_change(z, c[i].at, c[i].off) < 0)
				return -1;
	}
	/* a rule of summer all year round adds no more than two */
	if (z->n > known + 2)
		z->turn = z->change[z->n - 2].at;
	return 0;
}

static int
read_zone(struct tz *z, const unsigned char *p, size_t n)
{
	const unsigned char *times, *index, *type;
	size_t size = 4, block;
	struct head h;

	if (read_head(p, n, 4, &h, &block) < 0)
		return -1;
	if (p[4] >= '2') {
		p += block;
		n -= block;
		size = 8;
		if (read_head(p, n, 8, &h, &block) < 0)
			return -1;
	}
	/* "right" zones count leap seconds; the system's clock does not */
	if (h.leap > 0)
		return -1;
	times = p + HEAD;
	index = times + h.time * size;
	type = index + h.time;
	z->first = (int)big_endian(type, 4);
	for (size_t i = 0; i < h.time; i++)
		if (index[i] >= h.type || add_change(z,
		    big_endian(times + i * size, (int)size),
		    (int)big_endian(type + index[i] * 6, 4)) < 0)
			return -1;
	return size == 8 ? read_rule(z, p + block, n - block) : 0;
}

static bool
name_valid(const char *s)
{
	if (*s == '/' || strstr(s, "..") || strlen(s) > NAME_MAX_LEN)
		return false;
	return s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/")] == '\0';
}

/* fills z from its file; 0, or -1 with errno */
static int
read_file(struct tz *z)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct stat st;
	int fd, r = -1;

	buf_fmt(&path, "%s%s", *z->name ? ZONES : LOCALTIME, z->name);
	fd = open(buf_cstr(&path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		/* without a tz database there is still UTC */
		errno = ENOENT;
		if (!*z->name || strcmp(z->name, "UTC") == 0)
			r = 0;
	} else if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		errno = EINVAL;
	} else if (fd >= 0 && buf_read(&text, fd, FILE_MAX) == 0) {
		errno = 0;
		r = read_zone(z, (const unsigned char *)text.p, text.n);
		if (r < 0 && errno == 0)
			errno = EINVAL;
	}
	if (fd >= 0)
		close(fd);
	buf_free(&path);
	buf_free(&text);
	return r;
}

const struct tz *
tz_load(const char *name)
{
	struct tz *z;

	if (!name)
		name = "";
	if (!name_valid(name)) {
		errno = EINVAL;
		return NULL;
	}
	for (z = loaded; z; z = z->next)
		if (strcmp(z->name, name) == 0)
			return z;
	z = calloc(1, sizeof *z);
	if (!z)
		return NULL;
	z->turn = INT64_MAX;
	z->name = strdup(name);
	if (!z->name || read_file(z) < 0) {
		free(z->change);
		free(z->name);
		free(z);
		return NULL;
	}
	z->next = loaded;
	loaded = z;
	return z;
}

int
tz_check(const char *name)
{
	return tz_load(name) ? 0 : -1;
}

struct tz_span
tz_span(const struct tz *z, int64_t t)
{
	struct tz_span s = {INT64_MIN, INT64_MAX, z->first};
	int64_t back = 0;
	size_t low = 0, high = z->n, mid;

	if (t >= z->turn)
		back = ((t - z->turn) / cycle + 1) * cycle;
	t -= back;
	while (low < high) {
		mid = (low + high) / 2;
		if (z->change[mid].at <= t)
			low = mid + 1;
		else
			high = mid;
	}
	if (low > 0) {
		s.begin = z->change[low - 1].at;
		s.off = z->change[low - 1].off;
		s.begin += s.begin == INT64_MIN ? 0 : back;
	}
	if (low < z->n)
		s.end = z->change[low].at + back;
	return s;
}

int
tz_offset(const struct tz *z, int64_t t)
{
	return tz_span(z, t).off;
}

int
tz_instants(const struct tz *z, const struct civil *c, int64_t t[2])
{
	/* no offset is two days */
	const int64_t local = civil_seconds(c), reach = INT64_C(2) * 86400;
	struct tz_span s = tz_span(z, local - reach);
	int n = 0, before;

	for (;;) {
		if (local - s.off >= s.begin && local - s.off < s.end && n < 2)
			t[n++] = local - s.off;
		if (s.end > local + reach)
			return n;
		before = s.off;
		s = tz_span(z, s.end);
		if (n == 0 && s.begin + before <= local &&
		    s.begin + s.off > local)
			t[0] = s.begin;
	}
}
