/* forecast: which deadlines of a run will not be kept, if all goes as usual. */
#include <errno.h>
#include <stdlib.h>

#include "deadline.h"
#include "forecast.h"

enum { NONE = -1, NAMED = 5 };

struct plan_time {
	int64_t begin, end;	/* when it will, at the earliest */
	int64_t via;		/* the upstream that it waits for longest */
};

struct forecast {
	struct late *late;
	struct spool *spool;
	struct look *look;
	struct view *view;
	struct deadlines deadlines;
	struct plan_time *time;
	uint32_t *order;	/* upstream first */
	int64_t last;		/* the task that ends last */
};

/* what a task will take, as far as it is known; -1 and errno */
static int
usual(struct forecast *f, uint32_t t, int64_t *seconds)
{
	char name[TASK_LEN + 1];
	double s;
	size_t n;

	if (late_usual(f->late, f->spool, f->look->id.dag,
	    plan_name(f->look->plan, t, name), &s, &n) < 0)
		return -1;
	*seconds = n < LATE_KNOWN ? 0 : (int64_t)s;
	return 0;
}

static int64_t
started(struct forecast *f, uint32_t t)
{
	struct marker_sum sum;
	int64_t at;

	look_marker(f->look, t, &sum);
	return instant_parse(sum.start, &at, NULL) == 0 ? at : f->view->now;
}

static int
reckon(struct forecast *f, uint32_t t)
{
	const struct graph *g = &f->look->plan->graph;
	struct plan_time *p = &f->time[t];
	int64_t seconds;

	*p = (struct plan_time){f->view->now, f->view->now, NONE};
	if (state_ended(f->look->inst[t].state))
		return 0;
	for (uint32_t e = g->upat[t]; e < g->upat[t + 1]; e++)
		if (f->time[g->up[e]].end > p->begin) {
			p->begin = f->time[g->up[e]].end;
			p->via = g->up[e];
		}
	if (f->look->inst[t].state == STATE_RUNNING)
		p->begin = started(f, t);
	if (usual(f, t, &seconds) < 0)
		return -1;
	p->end = p->begin + seconds;
	if (p->end < f->view->now)
		p->end = f->view->now;
	if (f->last == NONE || p->end > f->time[f->last].end)
		f->last = t;
	return 0;
}

/* what it will wait for, the last first */
static void
put_path(const struct forecast *f, struct buf *b, int64_t t)
{
	char name[TASK_LEN + 1];

	for (int n = 0; t != NONE; t = f->time[t].via, n++) {
		if (n == NAMED) {
			buf_str(b, ", ...");
			return;
		}
		buf_fmt(b, "%s%s", n ? ", " : "; it waits for ",
		    plan_name(f->look->plan, (uint32_t)t, name));
	}
}

/* a deadline, and when what it is about will be: said if that is too late */
static void
compare(struct forecast *f, int64_t task, enum deadline_kind k,
    int64_t will, int64_t via)
{
	char at[INSTANT_LEN], then[INSTANT_LEN];
	struct id id = f->look->id;
	struct buf b = BUF_INIT;
	struct deadline dl;

	if (!deadline_of(&f->deadlines, task, k, &dl) ||
	    (dl.at > f->view->now && will <= dl.at))
		return;
	instant_format(at, dl.at, 0);
	instant_format(then, will, 0);
	if (dl.at <= f->view->now)
		buf_fmt(&b, "it is late: its %s was at %s", dl.reason, at);
	else {
		buf_fmt(&b, "it will be late: its %s is at %s, and if all "
		    "takes as long as usual it %s at %s", dl.reason, at,
		    k == DEADLINE_START_BY ? "begins" : "ends", then);
		put_path(f, &b, via);
	}
	if (task != DEADLINE_RUN)
		plan_name(f->look->plan, (uint32_t)task, id.task);
	view_why(f->view, &id, task == DEADLINE_RUN ?
	    run_state_name(f->look->state) :
	    state_name(f->look->inst[task].state), buf_cstr(&b));
	buf_free(&b);
}

static void
compare_task(struct forecast *f, uint32_t t)
{
	enum state s = f->look->inst[t].state;
	const struct plan_time *p = &f->time[t];

	if (s == STATE_NONE || state_ended(s))
		return;
	if (s != STATE_RUNNING)
		compare(f, t, DEADLINE_START_BY, p->begin, p->via);
	compare(f, t, DEADLINE_END_BY, p->end, p->via);
}

static int
tell_all(struct forecast *f, int64_t only)
{
	const struct plan *p = f->look->plan;

	for (uint32_t i = 0; i < p->n; i++)
		if (reckon(f, f->order[i]) < 0)
			return -1;
	for (uint32_t t = 0; t < p->n; t++)
		if (only == NONE || only == t)
			compare_task(f, t);
	if (only != NONE || f->last == NONE)
		return 0;
	compare(f, DEADLINE_RUN, DEADLINE_END_BY, f->time[f->last].end,
	    f->last);
	compare(f, DEADLINE_RUN, DEADLINE_TIMEOUT, f->time[f->last].end,
	    f->last);
	return 0;
}

int
forecast_run(struct late *l, struct spool *sp, struct look *look, int64_t only,
    struct view *v)
{
	struct forecast f = {.late = l, .spool = sp, .look = look, .view = v,
	    .last = NONE};
	int x = -1, e;

	if ((look->state != RUN_ACTIVE && look->state != RUN_WAITING) ||
	    look->id.archived || !(look->plan->keys & PLAN_DEADLINES))
		return 0;
	f.time = calloc(look->plan->n, sizeof *f.time);
	f.order = graph_order(&look->plan->graph);
	if (f.time && f.order && run_plan(&look->run, NULL) == 0 &&
	    deadlines_load(&f.deadlines, &look->run) == 0)
		x = tell_all(&f, only);
	e = errno;
	free(f.time);
	free(f.order);
	errno = e;
	return x;
}
