/* limit: how long an attempt may take, and what becomes of one that does. */
#include <signal.h>
#include <string.h>

#include "cause.h"
#include "deadline.h"
#include "limit.h"
#include "num.h"
#include "value.h"

enum { KILL_AFTER = 10 };

/* the sooner of what was known and this */
static void
end_at(struct limit *l, int64_t at, const char *reason, enum state then)
{
	if (l->end && l->end <= at)
		return;
	l->end = at;
	l->reason = reason;
	l->then = then;
}

/* all attempts of a task, from its first start; of a sensor it is looked at
 * between two looks, in retry.c */
static void
give_up(struct limit *l, const struct attempt *a)
{
	const struct plan *p = a->run->plan;
	struct buf b = BUF_INIT;
	int64_t first, seconds;
	const char *v;
	bool skip;

	if (!plan_get(p, a->task, "poke", &b) &&
	    (v = plan_get(p, a->task, "give-up", &b)) &&
	    give_up_parse(v, &seconds, &skip) == 0) {
		if (instant_parse(a->before.first, &first, NULL) < 0)
			first = clock_seconds();
		end_at(l, first + seconds, "give-up", skip ? STATE_SKIPPED :
		    STATE_FAILED);
	}
	buf_free(&b);
}

/* its own and the run's, as far as they end what runs */
static void
deadlines(struct limit *l, const struct attempt *a)
{
	bool teardown = a->run->plan->task[a->task].keys & PLAN_TEARDOWN;
	struct deadlines d;
	struct deadline dl;

	if (deadlines_load(&d, a->run) < 0)
		return;
	for (int i = 0; i < DEADLINE_KINDS; i++)
		for (int run = 0; run < 2 - teardown; run++)
			if (i != DEADLINE_START_BY && deadline_of(&d, run ?
			    DEADLINE_RUN : (int64_t)a->task,
			    (enum deadline_kind)i, &dl) &&
			    dl.then != DEADLINE_WARN)
				end_at(l, dl.at, dl.reason,
				    dl.then == DEADLINE_SKIP ? STATE_SKIPPED :
				    STATE_FAILED);
}

void
limit_of(struct limit *l, const struct attempt *a)
{
	const struct plan *p = a->run->plan;
	struct buf b = BUF_INIT;
	const char *v;

	*l = (struct limit){.stop_signal = SIGTERM, .kill_after = KILL_AFTER};
	if (p->keys & PLAN_DEADLINES)
		deadlines(l, a);
	l->tree = l->end > 0;
	if (!(p->task[a->task].keys & PLAN_LIMITS) && !l->tree)
		return;
	l->attempt = plan_duration(p, a->task, "timeout", 0);
	give_up(l, a);
	l->kill_after = plan_duration(p, a->task, "kill-after", -1);
	l->tree = l->attempt || l->end || l->kill_after >= 0;
	if (l->kill_after < 0)
		l->kill_after = KILL_AFTER;
	if (l->attempt || l->end) {
		v = plan_get(p, a->task, "stop-signal", &b);
		if (v && cause_signal(v))
			l->stop_signal = cause_signal(v);
		buf_free(&b);
	}
}

int64_t
limit_left(const struct limit *l)
{
	int64_t left;

	if (!l->end)
		return l->attempt;
	left = l->end - clock_seconds();
	if (left <= 0)
		return -1;
	return l->attempt && l->attempt < left ? l->attempt : left;
}

bool
limit_over(const struct limit *l, int64_t at)
{
	return l->end && at >= l->end;
}
