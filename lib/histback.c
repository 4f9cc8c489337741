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

enum { PIECE = 1 << 20 };

struct reader {
	const struct histback *to;
	uint64_t *seen;		/* runs, open addressing; 0: free */
	size_t nseen, mask;
	struct histback_text run;	/* whose lines these are, in name */
	char name[RUN_LEN + 1], task[TASK_LEN + 1];
	size_t tasklen;
	bool skip;		/* it was told of before */
};

static uint64_t
hash(const char *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3;
	h ^= h >> 29;
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
	if (in->nseen * 2 >= in->mask) {
		size_t mask = in->mask ? in->mask * 2 + 1 : 1023;
		uint64_t *table = calloc(mask + 1, sizeof *table);

		if (!table)
			return -1;
		for (size_t i = 0; in->mask && i <= in->mask; i++)
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

static int
two(const char *p)
{
	unsigned a = (unsigned char)p[0] - '0', b = (unsigned char)p[1] - '0';

	return a > 9 || b > 9 ? -100000 : (int)(a * 10 + b);
}

/* "2026-11-22T02:00:00.123Z", as our own lines have it */
static int64_t
instant(const char *p, size_t n)
{
	int year, mon, day, hour, min, sec, ms;

	if (n != 24 || p[4] != '-' || p[7] != '-' || p[10] != 'T' ||
	    p[13] != ':' || p[16] != ':' || p[19] != '.' || p[23] != 'Z')
		return HISTBACK_NEVER;
	year = two(p) * 100 + two(p + 2);
	mon = two(p + 5);
	day = two(p + 8);
	hour = two(p + 11);
	min = two(p + 14);
	sec = two(p + 17);
	ms = two(p + 20) * 10 + two(p + 21) % 10;
	if (year < 0 || mon < 1 || mon > 12 || day < 1 || hour < 0 ||
	    min < 0 || sec < 0 || ms < 0)
		return HISTBACK_NEVER;
	return (((civil_days(year, mon, day) * 24 + hour) * 60 + min) * 60 +
	    sec) * 1000 + ms;
}

/* digits, and perhaps a fraction; else -1 */
static double
number(const char *p, size_t n)
{
	static const double unit[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
	const char *end = p + n, *dot = NULL;
	uint64_t x = 0;

	if (n == 0 || n > 18)
		return -1;
	for (; p < end; p++)
		if (*p == '.' && !dot && end - p <= 7)
			dot = p + 1;
		else if (*p >= '0' && *p <= '9')
			x = x * 10 + (uint64_t)(*p - '0');
		else
			return -1;
	return dot ? (double)x / unit[end - dot] : (double)x;
}

/* the next field of a line: its key ends at '='; false at the end */
static bool
field(const char **p, const char *end, struct histback_text *key,
    struct histback_text *value)
{
	const char *tab, *eq;

	/* both are some bytes long: quicker than memchr(3) */
	while (*p < end) {
		for (eq = *p; eq < end && *eq != '=' && *eq != '\t'; eq++)
			;
		for (tab = eq; tab < end && *tab != '\t'; tab++)
			;
		*key = (struct histback_text){*p, (size_t)(eq - *p)};
		*p = tab + 1;
		if (eq == tab)
			continue;
		*value = (struct histback_text){eq + 1,
		    (size_t)(tab - eq - 1)};
		return true;
	}
	return false;
}

/* is a text this word? a comparison of known length, which costs nothing */
#define is(t, word) ((t)->n == sizeof (word) - 1 && \
	memcmp((t)->p, word, sizeof (word) - 1) == 0)

/* takes DAG/RUN or DAG/RUN/TASK apart; false: it is neither */
static bool
split(struct histback_text id, struct histback_text *run,
    struct histback_text *task)
{
	const char *slash = memchr(id.p, '/', id.n), *end = id.p + id.n;

	if (!slash)
		return false;
	run->p = slash + 1;
	slash = memchr(run->p, '/', (size_t)(end - run->p));
	run->n = (size_t)((slash ? slash : end) - run->p);
	task->p = slash ? slash + 1 : end;
	task->n = (size_t)(end - task->p);
	return run->n > 0 && run->n <= RUN_LEN && task->n <= TASK_LEN;
}

/* a line of this run comes; -1: ENOMEM */
static int
enter(struct reader *in, struct histback_text run)
{
	int x;

	if (run.n == in->run.n && memcmp(run.p, in->name, run.n) == 0)
		return 0;
	x = first(in, run.p, run.n);
	if (x < 0)
		return -1;
	in->skip = x == 0;
	memcpy(in->name, run.p, run.n);
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
	struct histback_text key, value;

	/* a run that ended twice with nothing between: its line comes twice */
	in->run.n = 0;
	if (enter(in, name) < 0)
		return -1;
	if ((in->skip && !in->to->again) || !in->to->run)
		return 0;
	r.again = in->skip;
	while (field(&p, end, &key, &value))
		if (is(&key, "state"))
			r.state = is(&value, "success") ? RUN_SUCCESS :
			    RUN_FAILED;
		else if (is(&key, "start"))
			r.start = instant(value.p, value.n);
		else if (is(&key, "end"))
			r.end = instant(value.p, value.n);
		else if (is(&key, "cause"))
			r.cause = value;
	return r.state < 0 ? 0 : in->to->run(&r, in->to->arg);
}

static void
task_field(struct histback_task *t, const struct histback_text *key,
    const struct histback_text *v)
{
	double x;

	if (is(key, "state")) {
		t->state = is(v, "success") ? STATE_SUCCESS :
		    is(v, "lost") ? STATE_FAILED : state_parse(v->p, v->n);
	} else if (is(key, "wall")) {
		t->wall = number(v->p, v->n);
	} else if (is(key, "user") || is(key, "sys")) {
		x = number(v->p, v->n);
		t->cpu = t->cpu < 0 ? x : x < 0 ? t->cpu : t->cpu + x;
	} else if (is(key, "rss")) {
		t->rss = number(v->p, v->n);
	} else if (is(key, "start")) {
		t->start = instant(v->p, v->n);
	} else if (is(key, "end")) {
		t->end = instant(v->p, v->n);
		t->ran = true;
	}
}

static int
task_line(struct reader *in, struct histback_text run,
    struct histback_text name, const char *p, const char *end)
{
	struct histback_task t = { .name = name, .state = STATE_NONE,
	    .start = HISTBACK_NEVER, .end = HISTBACK_NEVER, .wall = -1,
	    .cpu = -1, .rss = -1 };
	struct histback_text key, value;

	if (enter(in, run) < 0)
		return -1;
	if ((in->skip && !in->to->again) || !in->to->task)
		return 0;
	t.again = in->skip;
	t.run = in->run;
	t.last = in->tasklen != name.n || memcmp(in->task, name.p, name.n);
	memcpy(in->task, name.p, name.n);
	in->tasklen = name.n;
	while (field(&p, end, &key, &value))
		task_field(&t, &key, &value);
	return t.state < 0 ? 0 : in->to->task(&t, in->to->arg);
}

static int
missed_line(struct reader *in, const char *p, const char *end)
{
	struct histback_text key, value;
	double count = 1;

	while (field(&p, end, &key, &value))
		if (is(&key, "count"))
			count = number(value.p, value.n);
	return in->to->missed && count >= 1 ?
	    in->to->missed((int64_t)count, in->to->arg) : 0;
}

static int
line(struct reader *in, const char *p, const char *end)
{
	struct histback_text kind = {p, 0}, id, run, task;
	const char *tab = memchr(p, '\t', (size_t)(end - p)), *rest;

	if (!tab || *p == '#')
		return 0;
	kind.n = (size_t)(tab - p);
	id.p = tab + 1;
	rest = memchr(id.p, '\t', (size_t)(end - id.p));
	id.n = (size_t)((rest ? rest : end) - id.p);
	rest = rest ? rest + 1 : end;
	if (!split(id, &run, &task))
		return 0;
	if (is(&kind, "missed"))
		return missed_line(in, rest, end);
	if (is(&kind, "run") && task.n == 0)
		return run_line(in, run, rest, end);
	if (is(&kind, "instance") && task.n > 0)
		return task_line(in, run, task, rest, end);
	return 0;
}

/* reads pieces from the end; what is cut at the beginning of one waits for
 * the next. A last line without its newline is passed over, as rec_next does */
static int
backwards(struct reader *in, int fd, off_t at)
{
	size_t cap = 2 * PIECE, rest = 0, n;
	char *b = malloc(cap), *more, *end, *nl;
	bool torn = true;
	int x = 0;

	for (; b && x == 0 && at > 0; rest = (size_t)(end - b)) {
		n = at < PIECE ? (size_t)at : PIECE;
		if (n + rest > cap) {
			if (rest > REC_MAX) {
				/* no line of ours: its beginning is enough */
				rest = 0;
				torn = true;
			} else if ((more = realloc(b, cap *= 2)))
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
	struct reader in = { .to = to };
	char path[FILE_LEN];
	struct stat st;
	int fd, x, e;

	snprintf(path, sizeof path, "history/%s.tsv", dag);
	fd = io_open_stat(sp->fd, path, O_RDONLY, 0, &st);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	x = backwards(&in, fd, st.st_size);
	e = errno;
	close(fd);
	free(in.seen);
	errno = e;
	return x;
}
