/* stats: what a DAG's history adds up to: how long, how often, how well. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "histback.h"
#include "stats.h"

/* what stands out: this much slower, and by so many seconds; fails so much
 * more; of as many ends at least, in the last week and before it */
enum { KNOWN = 5 };
static const double slower = 1.25, seconds = 0.1, worse = 0.05;

struct reader {
	struct tally tally;
	const char *task;	/* NULL: all */
	uint32_t runs;		/* the subject of runs */
	struct tally_value run;	/* being added up */
	int64_t start, end;
	bool good, open;
};

static int
close_run(struct reader *in)
{
	if (!in->open)
		return 0;
	in->open = false;
	in->run.wall = in->start == HISTBACK_NEVER || in->end < in->start ?
	    -1 : (float)((double)(in->end - in->start) / 1000);
	return tally_add(&in->tally, in->runs, in->end, &in->run, in->good);
}

static int
run(const struct histback_run *r, void *arg)
{
	struct reader *in = arg;

	if (close_run(in) < 0)
		return -1;
	in->open = r->end != HISTBACK_NEVER;
	in->run = (struct tally_value){-1, -1, -1};
	in->start = HISTBACK_NEVER;
	in->end = r->end;
	in->good = r->state == RUN_SUCCESS;
	return 0;
}

static int
task(const struct histback_task *t, void *arg)
{
	struct tally_value v = {(float)t->wall, (float)t->cpu, (float)t->rss};
	struct reader *in = arg;
	int64_t subject;

	if (!t->ran)
		return 0;
	if (t->start != HISTBACK_NEVER && (in->start == HISTBACK_NEVER ||
	    t->start < in->start))
		in->start = t->start;
	if (v.cpu >= 0)
		in->run.cpu = (in->run.cpu < 0 ? 0 : in->run.cpu) + v.cpu;
	if (v.rss > in->run.rss)
		in->run.rss = v.rss;
	if (in->task && (strlen(in->task) != t->name.n ||
	    memcmp(in->task, t->name.p, t->name.n) != 0))
		return 0;
	if (t->end == HISTBACK_NEVER || t->state == STATE_SKIPPED)
		return 0;
	subject = tally_subject(&in->tally, t->name.p, t->name.n);
	if (subject < 0)
		return -1;
	if (!t->last)
		return tally_retry(&in->tally, (uint32_t)subject, t->end);
	return tally_add(&in->tally, (uint32_t)subject, t->end, &v,
	    t->state == STATE_SUCCESS);
}

static void
put_week(char out[12], int64_t week)
{
	struct civil c;

	civil_from_seconds(&c, (week * 7 - 3) * 86400);
	snprintf(out, 12, "%04d-%02d-%02d", c.year % 10000, c.mon, c.day);
}

static void
count(struct stats_row *r, struct tally_group *const *g, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		r->count += g[i]->count;
		r->good += g[i]->good;
		r->retried += g[i]->retried;
	}
}

static void
fill(struct stats_row *r, struct tally_group *const *g, size_t n, float *room)
{
	count(r, g, n);
	tally_spread(g, n, TALLY_WALL, room, &r->wall);
	tally_spread(g, n, TALLY_CPU, room, &r->cpu);
	tally_spread(g, n, TALLY_RSS, room, &r->rss);
}

static double
rate(const struct stats_row *r)
{
	return r->count ? (double)r->good / (double)r->count : 1;
}

/* is the last week worse than those before? */
static void
judge(struct stats_row *all, struct tally_group *const *g, size_t n,
    float *room)
{
	struct stats_row last = {0}, before = {0};

	if (n < 2)
		return;
	count(&before, g, n - 1);
	count(&last, g + n - 1, 1);
	if (last.count < KNOWN || before.count < KNOWN)
		return;
	if (rate(&last) < rate(&before) - worse) {
		snprintf(all->note, sizeof all->note, "got worse: %.0f%% of "
		    "the last week's ended well, %.0f%% before",
		    100 * rate(&last), 100 * rate(&before));
		return;
	}
	/* the median of all lies between the two */
	tally_spread(g + n - 1, 1, TALLY_WALL, room, &last.wall);
	if (last.wall.median <= all->wall.median)
		return;
	tally_spread(g, n - 1, TALLY_WALL, room, &before.wall);
	if (last.wall.median > slower * before.wall.median &&
	    last.wall.median > before.wall.median + seconds)
		snprintf(all->note, sizeof all->note, "got slower: %.3gs in "
		    "the last week, %.3gs before", last.wall.median,
		    before.wall.median);
}

static int
slowest(const void *a, const void *b)
{
	const struct stats_row *x = a, *y = b;

	if (x->wall.median != y->wall.median)
		return x->wall.median < y->wall.median ? 1 : -1;
	return strcmp(x->task, y->task);
}

static void
note(struct stats_row *r, const char *text)
{
	size_t n = strlen(r->note);

	snprintf(r->note + n, sizeof r->note - n, "%s%s", n ? "; " : "",
	    text);
}

/* the tasks' rows, sorted, and the most retried of them pointed out */
static void
rank(struct stats_row *r, size_t n)
{
	size_t most = 0;

	if (n == 0)
		return;
	qsort(r, n, sizeof *r, slowest);
	for (size_t i = 1; i < n; i++)
		if (r[i].retried > r[most].retried)
			most = i;
	if (n > 1)
		note(&r[0], "slowest");
	if (r[most].retried > 0)
		note(&r[most], "most retried");
}

/* rows of a subject: all of it, then, if they are wanted, its weeks */
static size_t
rows(struct tally *t, uint32_t subject, bool weeks, float *room,
    struct stats_row *out)
{
	struct tally_group **g;
	size_t n = tally_groups(t, subject, &g), k = 1;

	if (n == 0)
		return 0;
	fill(&out[0], g, n, room);
	judge(&out[0], g, n, room);
	for (size_t i = 0; weeks && i < n; i++, k++) {
		put_week(out[k].week, g[i]->week);
		fill(&out[k], g + i, 1, room);
	}
	for (size_t i = 0; i < k; i++)
		snprintf(out[i].task, sizeof out[i].task, "%s",
		    tally_name(t, subject));
	return k;
}

static int
gather(struct reader *in, struct stats_row **out, size_t *n)
{
	struct tally *t = &in->tally;
	size_t first;
	float *room = malloc((tally_values(t) + 1) * sizeof *room);
	int x = -1;

	*n = 0;
	*out = calloc(t->groups + t->subjects + 1, sizeof **out);
	if (room && *out && tally_sort(t) == 0) {
		*n = in->task ? 0 : rows(t, in->runs, true, room, *out);
		first = *n;
		for (uint32_t s = 0; s < t->subjects; s++)
			if (s != in->runs)
				*n += rows(t, s, in->task, room, *out + *n);
		if (!in->task)
			rank(*out + first, *n - first);
		x = 0;
	}
	free(room);
	if (x < 0)
		free(*out);
	return x;
}

int
stats_of(struct spool *sp, const char *dag, const char *only,
    struct stats_row **out, size_t *n)
{
	struct reader in = { .task = only };
	struct histback to = { .run = run, .task = task, .arg = &in };
	int64_t runs = tally_subject(&in.tally, "", 0);
	int x = -1, e;

	in.runs = (uint32_t)runs;
	if (runs >= 0 && histback_each(sp, dag, &to) == 0 &&
	    close_run(&in) == 0)
		x = gather(&in, out, n);
	e = errno;
	tally_free(&in.tally);
	errno = e;
	return x;
}
