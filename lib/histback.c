/* histback: a history read from its end, fast: of each run what it became. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "histback.h"
#include "io.h"
#include "rec.h"

/* the longest that is compared with what follows, without looking where that
 * ends: so many bytes lie behind the buffer */
enum { PIECE = 1 << 20, SPARE = RUN_LEN + 32, RUN_BYTES = 1024 };

struct reader {
	const struct histback *to;
	uint64_t *seen;		/* runs, open addressing; 0: free */
	size_t nseen, mask;
	struct histback_text run;	/* whose lines these are, in name */
	char name[RUN_LEN + 2], task[TASK_LEN + 1];	/* name: with its / */
	size_t tasklen;
	bool skip;		/* it was told of before */
	char date[10];		/* the last one, and its day */
	int64_t day;
};

/* eight bytes at a time; each step can be undone, so names differ as well as
 * 64 bits can */
static uint64_t
hash(const char *p, size_t n)
{
	uint64_t h = n, x;

	for (size_t k; n > 0; n -= k, p += k) {
		k = n < sizeof x ? n : sizeof x;
		x = 0;
		memcpy(&x, p, k);
		h = (h ^ x) * 0x9e3779b97f4a7c15;
		h ^= h >> 32;
	}
	return h ? h : 1;
}

static bool
put(uint64_t *table, size_t mask, uint64_t h)
{
	size_t i = h & mask;

	for (; table[i]; i = (i + 1) & mask)
		if (table[i] == h)
			return false;
	table[i] = h;
	return true;
}

/* 1: it was not seen before, 0: it was, -1: ENOMEM */
static int
first(struct reader *in, const char *name, size_t n)
{
	if (!in->seen || in->nseen * 2 >= in->mask) {
		size_t mask = in->mask * 2 + 1;
		uint64_t *table = calloc(mask + 1, sizeof *table);

		if (!table)
			return -1;
		for (size_t i = 0; in->seen && i <= in->mask; i++)
			if (in->seen[i])
				put(table, mask, in->seen[i]);
		free(in->seen);
		in->seen = table;
		in->mask = mask;
	}
	if (!put(in->seen, in->mask, hash(name, n)))
		return 0;
	in->nseen++;
	return 1;
}

/* does what is at p begin so? a comparison of known length: some loads */
#define at(p, word) (memcmp(p, word, sizeof (word) - 1) == 0)

/* A line ends with a tab in place of its newline, so whatever looks for the
 * end of a field finds it. Behind the next one: */
static const char *
next(const char *p)
{
	while (*p++ != '\t')
		;
	return p;
}

static int
two(const char *p)
{
	unsigned a = (unsigned char)p[0] - '0', b = (unsigned char)p[1] - '0';

	return a > 9 || b > 9 ? -100000 : (int)(a * 10 + b);
}

/* the day of "2026-11-22", mostly that of the line before; false: junk */
static bool
date(struct reader *in, const char *p)
{
	int year, mon, day;

	if (memcmp(p, in->date, sizeof in->date) == 0)
		return true;
	year = two(p) * 100 + two(p + 2);
	mon = two(p + 5);
	day = two(p + 8);
	if (p[4] != '-' || p[7] != '-' || year < 0 || mon < 1 || mon > 12 ||
	    day < 1)
		return false;
	in->day = civil_days(year, mon, day);
	memcpy(in->date, p, sizeof in->date);
	return true;
}

/* "2026-11-22T02:00:00.123Z", as our own lines have it; what is behind it */
static const char *
instant(struct reader *in, const char *p, int64_t *t)
{
	int hour, min, sec, ms;

	*t = HISTBACK_NEVER;
	if (!date(in, p) || p[10] != 'T' || p[13] != ':' || p[16] != ':' ||
	    p[19] != '.' || p[23] != 'Z' || p[24] != '\t')
		return next(p);
	hour = two(p + 11);
	min = two(p + 14);
	sec = two(p + 17);
	ms = two(p + 20) * 10 + two(p + 21) % 10;
	if (hour >= 0 && min >= 0 && sec >= 0 && ms >= 0)
		*t = (((in->day * 24 + hour) * 60 + min) * 60 + sec) * 1000 +
		    ms;
	return p + 25;
}

/* an instant with an offset, which is seldom */
static const char *
zoned(const char *p, int64_t *t)
{
	const char *behind = next(p);
	char text[INSTANT_LEN];
	size_t n = (size_t)(behind - 1 - p);

	*t = HISTBACK_NEVER;
	if (n < sizeof text) {
		memcpy(text, p, n);
		text[n] = '\0';
		if (instant_parse(text, t, NULL) == 0)
			*t *= 1000;
		else
			*t = HISTBACK_NEVER;
	}
	return behind;
}

/* digits, and perhaps a fraction; else -1 */
static const char *
number(const char *p, double *x)
{
	static const double unit[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
	const char *from = p, *dot = NULL;
	uint64_t n = 0;

	for (;; p++)
		if (*p >= '0' && *p <= '9')
			n = n * 10 + (uint64_t)(*p - '0');
		else if (*p == '.' && !dot)
			dot = p + 1;
		else
			break;
	*x = -1;
	if (*p != '\t')
		return next(p);
	if (p > from && p - from <= 18 && (!dot || p - dot <= 6))
		*x = dot ? (double)n / unit[p - dot] : (double)n;
	return p + 1;
}

/* takes DAG/RUN or DAG/RUN/TASK apart; what is behind it, NULL: it is
 * neither. A run is mostly that of the line before: then it is in name */
static const char *
split(const struct reader *in, const char *p, struct histback_text *run,
    struct histback_text *task)
{
	while (*p != '/' && *p != '\t')
		p++;
	if (*p++ == '\t')
		return NULL;
	*run = in->run;
	if (run->n == 0 || memcmp(p, in->name, run->n + 1) != 0) {
		run->p = p;
		while (*p != '/' && *p != '\t')
			p++;
		run->n = (size_t)(p - run->p);
	} else
		p += run->n;
	task->p = p += *p == '/';
	while (*p != '\t')
		p++;
	task->n = (size_t)(p - task->p);
	return run->n > 0 && run->n <= RUN_LEN && task->n <= TASK_LEN ?
	    p + 1 : NULL;
}

/* a line of this run comes; -1: ENOMEM */
static int
enter(struct reader *in, struct histback_text run)
{
	int x;

	if (run.p == in->name && in->run.n)
		return 0;
	x = first(in, run.p, run.n);
	if (x < 0)
		return -1;
	in->skip = x == 0;
	memcpy(in->name, run.p, run.n);
	in->name[run.n] = '/';
	in->run = (struct histback_text){in->name, run.n};
	in->tasklen = 0;
	return 0;
}

static int
run_line(struct reader *in, struct histback_text name, const char *p,
    const char *end)
{
	struct histback_run r = { .name = name, .state = RUN_NONE,
	    .start = HISTBACK_NEVER, .end = HISTBACK_NEVER };

	/* a run that ended twice with nothing between: its line comes twice */
	in->run.n = 0;
	if (enter(in, name) < 0)
		return -1;
	if ((in->skip && !in->to->again) || !in->to->run)
		return 0;
	r.again = in->skip;
	while (p < end)
		if (at(p, "state=")) {
			r.state = at(p + 6, "success\t") ? RUN_SUCCESS :
			    RUN_FAILED;
			p = next(p);
		} else if (at(p, "start="))
			p = instant(in, p + 6, &r.start);
		else if (at(p, "end="))
			p = instant(in, p + 4, &r.end);
		else if (at(p, "cause=")) {
			r.cause.p = p + 6;
			p = next(p);
			r.cause.n = (size_t)(p - 1 - r.cause.p);
		} else
			p = next(p);
	return r.state < 0 ? 0 : in->to->run(&r, in->to->arg);
}

static const char *
end_state(struct histback_task *t, const char *p)
{
	const char *behind = next(p);

	if (at(p, "success\t"))
		t->state = STATE_SUCCESS;
	else if (at(p, "lost\t"))
		t->state = STATE_FAILED;
	else
		t->state = state_parse(p, (size_t)(behind - 1 - p));
	return behind;
}

static const char *
cpu(struct histback_task *t, const char *p)
{
	double x;

	p = number(p, &x);
	if (x >= 0)
		t->cpu = t->cpu < 0 ? x : t->cpu + x;
	return p;
}

static const char *
task_field(struct reader *in, struct histback_task *t, const char *p)
{
	if (at(p, "state="))
		return end_state(t, p + 6);
	if (at(p, "wall="))
		return number(p + 5, &t->wall);
	if (at(p, "user="))
		return cpu(t, p + 5);
	if (at(p, "sys="))
		return cpu(t, p + 4);
	if (at(p, "rss="))
		return number(p + 4, &t->rss);
	if (at(p, "start="))
		return instant(in, p + 6, &t->start);
	if (at(p, "end=")) {
		t->ran = true;
		return instant(in, p + 4, &t->end);
	}
	return next(p);
}

static int
task_line(struct reader *in, struct histback_text run,
    struct histback_text name, const char *p, const char *end)
{
	struct histback_task t = { .name = name, .state = STATE_NONE,
	    .start = HISTBACK_NEVER, .end = HISTBACK_NEVER, .wall = -1,
	    .cpu = -1, .rss = -1 };

	if (enter(in, run) < 0)
		return -1;
	if ((in->skip && !in->to->again) || !in->to->task)
		return 0;
	t.again = in->skip;
	t.run = in->run;
	t.last = in->tasklen != name.n || memcmp(in->task, name.p, name.n);
	memcpy(in->task, name.p, name.n);
	in->tasklen = name.n;
	while (p < end)
		p = task_field(in, &t, p);
	return t.state < 0 ? 0 : in->to->task(&t, in->to->arg);
}

static int
missed_line(struct reader *in, struct histback_text name, const char *p,
    const char *end)
{
	struct histback_missed m = { .name = name, .to = HISTBACK_NEVER };
	double count = 1;

	if (!in->to->missed)
		return 0;
	while (p < end)
		if (at(p, "count="))
			p = number(p + 6, &count);
		else if (at(p, "to="))
			p = zoned(p + 3, &m.to);
		else if (at(p, "reason=")) {
			m.reason.p = p + 7;
			p = next(p);
			m.reason.n = (size_t)(p - 1 - m.reason.p);
		} else
			p = next(p);
	m.count = (int64_t)count;
	return count >= 1 ? in->to->missed(&m, in->to->arg) : 0;
}

/* end is at the newline, which is no more */
static int
line(struct reader *in, const char *p, char *end)
{
	struct histback_text run, task;
	const char *rest;
	bool instance;

	*end = '\t';
	instance = at(p, "instance\t");
	if (!instance && !at(p, "run\t") && !at(p, "missed\t"))
		return 0;
	rest = next(p);
	if (rest > end || !(rest = split(in, rest, &run, &task)))
		return 0;
	if (*p == 'm')
		return missed_line(in, run, rest, end);
	if (instance != (task.n > 0))
		return 0;
	return instance ? task_line(in, run, task, rest, end) :
	    run_line(in, run, rest, end);
}

/* reads pieces from the end; what is cut at the beginning of one waits for
 * the next. A last line without its newline is passed over, as rec_next does */
static int
backwards(struct reader *in, int fd, off_t at)
{
	size_t cap = 2 * PIECE, rest = 0, n;
	char *b = calloc(cap + SPARE, 1), *more, *end, *nl;
	bool torn = true;
	int x = 0;

	for (; b && x == 0 && at > 0; rest = (size_t)(end - b)) {
		n = at < PIECE ? (size_t)at : PIECE;
		if (n + rest > cap) {
			if (rest > REC_MAX) {
				/* no line of ours: its beginning is enough */
				rest = 0;
				torn = true;
			} else if ((more = realloc(b, (cap *= 2) + SPARE)))
				b = more;
			else
				break;
		}
		memmove(b + n, b, rest);
		errno = EIO;	/* it became shorter */
		if (pread(fd, b, n, at - (off_t)n) != (ssize_t)n)
			break;
		at -= (off_t)n;
		end = b + n + rest;
		/* end is behind a line's last byte, or at its newline */
		while (x == 0 && (nl = memrchr(b, '\n', (size_t)(end - b)))) {
			if (!torn)
				x = line(in, nl + 1, end);
			torn = false;
			end = nl;
		}
		if (x == 0 && at == 0) {
			if (!torn)
				x = line(in, b, end);
			free(b);
			return x;
		}
	}
	free(b);
	return x ? x : at > 0 ? -1 : 0;
}

int
histback_each(struct spool *sp, const char *dag, const struct histback *to)
{
	struct reader in = { .to = to, .mask = 255, .date = "-" };
	char path[FILE_LEN];
	struct stat st;
	int fd, x, e;

	snprintf(path, sizeof path, "history/%s.tsv", dag);
	fd = io_open_stat(sp->fd, path, O_RDONLY, 0, &st);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	/* as many as there would be with a handful of tasks each */
	while ((off_t)in.mask * RUN_BYTES < st.st_size)
		in.mask = in.mask * 2 + 1;
	x = backwards(&in, fd, st.st_size);
	e = errno;
	close(fd);
	free(in.seen);
	errno = e;
	return x;
}
