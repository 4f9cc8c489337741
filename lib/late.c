/* late: what runs longer than it usually does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hist.h"
#include "late.h"
#include "look.h"
#include "num.h"

static int
take(const struct rec *r, void *arg)
{
	struct late *l = arg;
	const char *state = rec_get(r, "state"), *wall = rec_get(r, "wall");
	const char *task = strrchr(r->id, '/');
	struct late_time *more;

	if (strcmp(r->kind, "instance") != 0 || !state || !wall || !task ||
	    strcmp(state, "success") != 0)
		return 0;
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 256;

		more = realloc(l->time, cap * sizeof *more);
		if (!more)
			return -1;
		l->time = more;
		l->cap = cap;
	}
	snprintf(l->time[l->n].task, sizeof l->time[l->n].task, "%s",
	    task + 1);
	l->time[l->n++].seconds = strtod(wall, NULL);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct late_time *x = a, *y = b;
	int c = strcmp(x->task, y->task);

	return c ? c : (x->seconds > y->seconds) - (x->seconds < y->seconds);
}

static int
load(struct late *l, struct spool *sp, const char *dag)
{
	if (strcmp(l->dag, dag) == 0)
		return 0;
	late_free(l);
	snprintf(l->dag, sizeof l->dag, "%s", dag);
	if (hist_each(sp, dag, take, l) < 0)
		return -1;
	if (l->n)
		qsort(l->time, l->n, sizeof *l->time, compare);
	return 0;
}

/* the median of a task's times, and how many there are */
static double
median(const struct late *l, const char *task, size_t *n)
{
	size_t i = 0, end = l->n, mid;

	while (i < end) {
		mid = i + (end - i) / 2;
		if (strcmp(l->time[mid].task, task) < 0)
			i = mid + 1;
		else
			end = mid;
	}
	for (*n = 0; i + *n < l->n &&
	    strcmp(l->time[i + *n].task, task) == 0; ++*n)
		;
	return *n ? l->time[i + *n / 2].seconds : 0;
}

int
late_usual(struct late *l, struct spool *sp, const char *dag, const char *task,
    double *seconds, size_t *n)
{
	if (load(l, sp, dag) < 0)
		return -1;
	*seconds = median(l, task, n);
	return 0;
}

static void
put_time(struct buf *b, double s)
{
	if (s < 10)
		buf_fmt(b, "%.3fs", s);
	else
		dur_format(b, (int64_t)s);
}

static void
judge(struct late *l, struct look *look, uint32_t task, struct view *v)
{
	struct buf b = BUF_INIT;
	struct id id = look->id;
	struct marker_sum sum;
	struct row_task t = { &id, look->inst[task], &sum,
	    look->plan, task };
	double took, usual;
	size_t n;

	plan_name(look->plan, task, id.task);
	look_marker(look, task, &sum);
	took = row_elapsed(&(struct row){ .task = &t, .now = v->now });
	usual = median(l, id.task, &n);
	if (n < LATE_KNOWN || took <= LATE_TIMES * usual)
		return;
	buf_str(&b, "it has run for ");
	put_time(&b, took);
	buf_str(&b, ", usually it takes ");
	put_time(&b, usual);
	buf_fmt(&b, " (the median of %zu)", n);
	view_why(v, &id, state_name(t.in.state), buf_cstr(&b));
	buf_free(&b);
}

int
late_run(struct late *l, struct spool *sp, const struct id *id,
    struct view *v, struct buf *why)
{
	struct look look;
	int64_t only = -1;
	int x = 0, e;

	if (look_open(sp, id, &look, why) < 0)
		return -1;
	if (id->task[0])
		only = plan_find(look.plan, id->task,
		    strlen(id->task));
	for (uint32_t t = 0; x == 0 && t < look.plan->n; t++)
		if (look.inst[t].state == STATE_RUNNING &&
		    (!id->task[0] || t == only) &&
		    (x = load(l, sp, id->dag)) == 0)
			judge(l, &look, t, v);
	e = errno;
	look_close(&look);
	errno = e;
	return x;
}

void
late_free(struct late *l)
{
	free(l->time);
	*l = (struct late){0};
}
