/* whyslot: why a DAG, or one of its slots, has a run or has none. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "due.h"
#include "hist.h"
#include "pace.h"
#include "period.h"
#include "schedfill.h"
#include "tz.h"
#include "whyslot.h"

struct why {
	struct sched_job *job;
	struct due_policy policy;
	struct run_entry *live;
	size_t nlive;
	const char *id;
	struct buf *out;
};

static const char *
clock_text(const struct why *w, int64_t t, char text[INSTANT_LEN])
{
	instant_format(text, t, tz_offset(w->job->slots.zone, t));
	return text;
}

/* a condition that holds; else the text after it is what would make it hold */
static void __attribute__((format(printf, 4, 5)))
say(const struct why *w, bool holds, const char *remedy, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	buf_fmt(w->out, "%s\t%s\t%s\t%s\n", w->id, holds ? "yes" : "no", text,
	    holds ? "-" : remedy);
}

/* conditions that are of the DAG as a whole */
static void
say_dag(const struct why *w)
{
	const struct sched_job *j = w->job;
	char remedy[NAME_LEN + 64], text[INSTANT_LEN];

	say(w, j->slots.n > 0, "a schedule in its file; dagsched --run makes "
	    "a run by hand", "it has a schedule");
	snprintf(remedy, sizeof remedy, "dagq --resume %s", j->dag.id);
	say(w, !j->known.paused, remedy, "it is not paused");
	if (j->slots.n == 0)
		return;
	snprintf(remedy, sizeof remedy, "dagsched %s | dagq", j->dag.id);
	if (j->unseen)
		say(w, false, remedy, "dagq has seen this schedule");
	else
		say(w, true, "", "dagq has seen this schedule, at %s",
		    clock_text(w, j->known.since, text));
}

struct missed {
	int64_t t;
	char reason[256];
};

/* a history record: does it pass the slot over? */
static int
find_missed(const struct rec *r, void *arg)
{
	struct missed *m = arg;
	const char *slash = strchr(r->id, '/'), *v;
	bool manual = true, purged = strcmp(r->kind, "purged") == 0;
	int64_t from, to;

	if ((!purged && strcmp(r->kind, "missed") != 0) || !slash ||
	    run_name_parse(slash + 1, &from, NULL, &manual) < 0 || manual)
		return 0;
	to = from;
	if ((v = rec_get(r, "to")) && instant_parse(v, &to, NULL) < 0)
		return 0;
	if (m->t < from || m->t > to)
		return 0;
	v = purged ? "its run was removed" : rec_get(r, "reason");
	snprintf(m->reason, sizeof m->reason, "%s", v ? v : "nobody knows");
	return 0;
}

/* how a slot is decided that has a run */
static int
say_run(const struct why *w, int64_t t)
{
	struct spool *sp = w->job->sched->spool;
	const char *dag = w->job->dag.id, *state = "archived";
	struct run_entry *list;
	struct run r;
	size_t n;

	if (spool_runs(sp, dag, true, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (list[i].time != t || list[i].manual)
			continue;
		if (!list[i].archived && run_open(sp, dag, list[i].name,
		    &r) == 0) {
			if (run_state(&r) != RUN_NONE)
				state = run_state_name(run_state(&r));
			run_close(&r);
		}
		say(w, true, "", "it has its run, %s/%s, which is %s: "
		    "dagstat --why tells more", dag, list[i].name, state);
	}
	free(list);
	return 0;
}

/* what the next pass makes of a slot that is not decided */
static void
say_due(const struct why *w, int64_t t)
{
	const struct sched_job *j = w->job;
	struct due_item item;
	struct due due;
	char text[INSTANT_LEN];

	if (j->known.paused)
		return;
	due_begin(&due, &w->policy, j->unseen, &j->slots, &j->known,
	    (int64_t)w->nlive, j->sched->now);
	while (due_next(&due, &item)) {
		if (item.time > t || item.to < t)
			continue;
		if (item.kind == DUE_RUN)
			say(w, false, "dagsched | dagq makes it",
			    "it has its run, by catchup or schedule");
		else
			say(w, false, "dagsched --backfill", "it becomes a "
			    "run: no, %s", item.text);
		return;
	}
	if (due.held)
		say(w, false, "one of its runs has to end", "there is room "
		    "for its run (overlap = latest)");
	else
		say(w, false, "dagsched --backfill", "it counts: it is later "
		    "than %s", clock_text(w, due.at > t ? due.at :
		    j->known.since, text));
}

/* is it decided, and how; else what comes of it */
static int
say_decided(const struct why *w, int64_t t)
{
	struct missed m = {.t = t};
	struct sched_job *j = w->job;

	if (known_run(&j->known, t))
		return say_run(w, t);
	if (!known_decided(&j->known, t)) {
		say_due(w, t);
		return 0;
	}
	if (hist_each(j->sched->spool, j->dag.id, find_missed, &m) < 0)
		return -1;
	say(w, false, "dagsched --backfill", "it became a run: it was missed, "
	    "%s", m.reason);
	return 0;
}

/* why there is no slot at t */
static void
say_none(const struct why *w, int64_t t)
{
	const struct slots *s = &w->job->slots;
	char a[INSTANT_LEN] = "none", b[INSTANT_LEN] = "none";
	int64_t at;

	if (s->cal && rules_prev(s->rule, s->n, t + 1, &at) == 0 && at == t) {
		say(w, false, "another calendar, or on-holiday", "its "
		    "calendar has that day");
		return;
	}
	if (slots_before(s, t, &at) == 0)
		clock_text(w, at, a);
	if (slots_after(s, t, &at) == 0)
		clock_text(w, at, b);
	say(w, false, "another schedule", "its schedule has a slot then, "
	    "between %s and %s", a, b);
}

static int
why_slot(const struct why *w, int64_t t)
{
	const struct slots *s = &w->job->slots;
	char text[INSTANT_LEN], remedy[INSTANT_LEN + 16];
	int64_t at;

	if (slots_before(s, t + 1, &at) < 0 || at != t) {
		say_none(w, t);
		return 0;
	}
	say(w, true, "", "its schedule has a slot then");
	if (slots_beyond(s, t)) {
		say(w, false, "a calendar that goes on", "its calendar speaks "
		    "of that day");
		return 0;
	}
	if (s->has_start)
		say(w, t >= s->start, "an earlier start", "it is not before "
		    "its start, %s", clock_text(w, s->start, text));
	if (s->end != INT64_MAX)
		say(w, t <= s->end, "a later end", "it is not behind its end, "
		    "%s", clock_text(w, s->end, text));
	if (t < s->start || t > s->end)
		return 0;
	at = slots_due(s, t);
	snprintf(remedy, sizeof remedy, "at %s", clock_text(w, at, text));
	say(w, at <= w->job->sched->now, remedy, "it is due");
	return at <= w->job->sched->now ? say_decided(w, t) : 0;
}

static void
say_overlap(const struct why *w)
{
	if (w->policy.overlap == DUE_QUEUE || w->policy.overlap == DUE_CANCEL)
		return;
	say(w, (int64_t)w->nlive < w->policy.runs, "one of them has to end",
	    "fewer of its runs than max-active-runs (%lld) have not ended: "
	    "%zu", (long long)w->policy.runs, w->nlive);
}

static int
say_backfills(const struct why *w)
{
	struct sched_job *j = w->job;
	const struct backfills *b = j->sched->backfills;
	struct pace pace = {.spool = j->sched->spool, .zone = j->slots.zone,
	    .now = j->sched->now, .runs = w->policy.runs, .live = w->live,
	    .nlive = w->nlive};
	const char *reason;
	int64_t wake, room;

	for (size_t i = 0; b && i < b->n; i++) {
		if (strcmp(b->part[i].dag, j->dag.id) != 0 ||
		    b->part[i].state == BACKFILL_DONE || (b->part[i].once &&
		    b->part[i].state != BACKFILL_PAUSED))
			continue;
		room = pace_room(&pace, &b->part[i], &reason, &wake);
		if (room < 0)
			return -1;
		say(w, room > 0, reason ? reason : "", "its backfill %s may "
		    "make runs", b->part[i].name);
	}
	return 0;
}

static int
why_dag(const struct why *w)
{
	const struct sched_job *j = w->job;
	char text[INSTANT_LEN];
	int64_t newest, next;
	int r = 0;

	if (j->slots.n == 0)
		return say_backfills(w);
	if (slots_newest(&j->slots, j->sched->now, &newest, &next) == 0) {
		say(w, true, "", "its last slot that was due is %s",
		    clock_text(w, newest, text));
		r = say_decided(w, newest);
	}
	say(w, next != INT64_MAX, "a schedule, or an end, that goes on",
	    next != INT64_MAX ? "the next is due at %s" : "another is due%s",
	    next != INT64_MAX ? clock_text(w, next, text) : " some day");
	say_overlap(w);
	return r < 0 ? -1 : say_backfills(w);
}

static int
read_slot(const struct why *w, const char *run, int64_t *t, struct buf *why)
{
	bool manual = false;
	int64_t first, last;

	if (run_name_parse(run, t, NULL, &manual) == 0) {
		if (!manual)
			return 0;
		buf_fmt(why, "%s: a run made by hand has no slot", run);
		return 1;
	}
	if (period_parse(w->job->slots.zone, run, t, &last, why) < 0)
		return 1;
	/* of a day, or more, its first slot */
	if (slots_after(&w->job->slots, *t - 1, &first) == 0 && first <= last)
		*t = first;
	return 0;
}

int
whyslot(struct sched_job *j, const char *run, struct buf *out)
{
	struct why w = {.job = j, .out = out};
	struct buf id = BUF_INIT;
	int64_t t = 0;
	int r = 0;

	buf_fmt(&id, "%s%s%s", j->dag.id, run ? "/" : "", run ? run : "");
	w.id = buf_cstr(&id);
	if (due_policy(&w.policy, &j->dag, j->why) < 0 ||
	    (run && read_slot(&w, run, &t, j->why)))
		r = 1;
	else if (known_live(j->sched->spool, j->dag.id, &w.live, &w.nlive) < 0)
		r = -1;
	if (r == 0) {
		say_dag(&w);
		r = run ? why_slot(&w, t) : why_dag(&w);
	}
	free(w.live);
	buf_free(&id);
	return r;
}
