/* slots: when a DAG falls due: all its schedules together, in its zone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "instant.h"
#include "num.h"
#include "period.h"
#include "rec.h"
#include "slotless.h"
#include "slots.h"
#include "tz.h"

int
slots_init(struct slots *s, const char *name, struct buf *why)
{
	*s = (struct slots){.start = INT64_MIN, .end = INT64_MAX};
	s->zone = tz_load(name);
	if (s->zone)
		return 0;
	buf_fmt(why, "timezone \"%.60s\": ", name ? name : "");
	if (errno == ENOENT)
		buf_str(why, "no such time zone, names are like Europe/Berlin");
	else if (errno == EINVAL)
		buf_str(why, "not a time zone");
	else
		buf_str(why, strerror(errno));
	return -1;
}

/* adds one expression, or those that a "|" separates in the cron4j dialect */
int
slots_add(struct slots *s, enum cron_dialect d, const char *expr,
    struct buf *why)
{
	const char *bar = d == CRON_CRON4J ? strchr(expr, '|') : NULL;
	struct buf part = BUF_INIT, fault = BUF_INIT;
	struct rule *p;
	int r = -1;

	for (; bar; expr = bar + 1, bar = strchr(expr, '|')) {
		buf_reset(&part);
		buf_add(&part, expr, (size_t)(bar - expr));
		if (slots_add(s, CRON_CRON4J, buf_cstr(&part), why) < 0)
			goto out;
	}
	p = realloc(s->rule, (s->n + 1) * sizeof *p);
	if (!p)
		goto out;
	s->rule = p;
	p = &s->rule[s->n++];
	r = rule_parse(p, s->zone, d, expr, &fault);
	rule_clock(p, s->gap, s->overlap);
	if (s->has_start)
		rule_start(p, s->start);
	else if (r == 0)
		r = rule_align(p, &fault);
	if (r < 0)
		buf_fmt(why, "schedule \"%.200s\": %s", expr,
		    buf_cstr(&fault));
	s->once |= r == 0 && p->kind == RULE_ONCE && !s->has_start;
out:
	buf_free(&part);
	buf_free(&fault);
	return r;
}

static int
read_bound(const struct slots *s, const struct rec *dag, const char *key,
    int64_t *first, int64_t *last, struct buf *why)
{
	const char *v = rec_get(dag, key);
	struct buf fault = BUF_INIT;
	int r;

	if (!v)
		return 0;
	r = period_parse(s->zone, v, first, last, &fault);
	if (r < 0)
		buf_fmt(why, "%s: %s", key, buf_cstr(&fault));
	buf_free(&fault);
	return r < 0 ? -1 : 1;
}

/* one of the words for a key, numbered from 1; 0: the key is not there */
static int
read_choice(const struct rec *dag, const char *key, const char *const *word,
    int *choice, struct buf *why)
{
	const char *v = rec_get(dag, key);

	*choice = 0;
	for (int i = 0; v && word[i]; i++)
		if (strcmp(v, word[i]) == 0)
			*choice = i + 1;
	if (!v || *choice)
		return 0;
	buf_fmt(why, "%s: \"%.60s\" is none of its words", key, v);
	return -1;
}

static int
read_calendar(struct slots *s, const struct rec *dag, struct buf *why)
{
	static const char *const shifts[] = {"skip", "before", "after", NULL};
	const char *words = rec_get(dag, "calendar");
	const char *nth = rec_get(dag, "nth");
	int shift;

	if (read_choice(dag, "on-holiday", shifts, &shift, why) < 0)
		return -1;
	if (!words && (nth || shift)) {
		buf_fmt(why, "%s: there is no calendar it could be of", nth ?
		    "nth" : "on-holiday");
		return -1;
	}
	s->shift = shift ? (enum cal_shift)(shift - 1) : SHIFT_SKIP;
	if (words && !(s->cal = cal_load(words, nth, why)))
		return -1;
	return 0;
}

static int
read_clock(struct slots *s, const struct rec *dag, struct buf *why)
{
	static const char *const gaps[] = {"run", "skip", NULL};
	static const char *const overlaps[] = {"first", "second", "both",
	    NULL};
	const char *delay = rec_get(dag, "delay");
	int gap, overlap;

	if (read_choice(dag, "dst-gap", gaps, &gap, why) < 0 ||
	    read_choice(dag, "dst-overlap", overlaps, &overlap, why) < 0)
		return -1;
	s->gap = (enum cron_gap)gap;
	s->overlap = (enum cron_overlap)overlap;
	if (!delay || dur_parse(delay, &s->delay) == 0)
		return read_calendar(s, dag, why);
	buf_fmt(why, "delay: \"%.60s\" is not a duration such as 7h", delay);
	return -1;
}

static int
read_schedules(struct slots *s, const struct rec *dag, struct buf *why)
{
	int files = slotless_any(dag, why);

	if (files)
		return files < 0 ? -1 : 0;
	for (size_t i = 0; i < dag->nfield; i++)
		if (strcmp(dag->field[i].key, "schedule") == 0 &&
		    slots_add(s, CRON_CRONTAB, dag->field[i].value, why) < 0)
			return -1;
	return 0;
}

int
slots_make(struct slots *s, const struct rec *dag, struct buf *why)
{
	int64_t first, last;

	if (slots_init(s, rec_get(dag, "timezone"), why) < 0 ||
	    read_clock(s, dag, why) < 0)
		return -1;
	first = s->start;
	last = s->end;
	switch (read_bound(s, dag, "start", &s->start, &last, why)) {
	case -1: return -1;
	case 1: s->has_start = true;
	}
	if (read_bound(s, dag, "end", &first, &s->end, why) < 0)
		return -1;
	if (s->start <= s->end)
		return read_schedules(s, dag, why);
	buf_str(why, "start is after end");
	return -1;
}

void
slots_free(struct slots *s)
{
	for (size_t i = 0; i < s->n; i++)
		rule_free(&s->rule[i]);
	free(s->rule);
	free(s->cal);
	*s = (struct slots){0};
}

void
slots_seen(struct slots *s, int64_t since)
{
	for (size_t i = 0; s->once && i < s->n; i++)
		if (s->rule[i].kind == RULE_ONCE)
			rule_start(&s->rule[i], since);
}

int64_t
slots_due(const struct slots *s, int64_t t)
{
	struct civil c;
	int64_t at[2];

	if (s->delay == 0)
		return t;
	/* in what the clock shows twice it cannot be asked */
	civil_from_seconds(&c, t + tz_offset(s->zone, t));
	if (tz_instants(s->zone, &c, at) == 2)
		return t + s->delay;
	civil_from_seconds(&c, t + tz_offset(s->zone, t) + s->delay);
	tz_instants(s->zone, &c, at);
	return at[0];
}

int
slots_newest(const struct slots *s, int64_t now, int64_t *newest,
    int64_t *next)
{
	/* no clock is set by two days */
	const int64_t slack = s->delay ? INT64_C(2) * 86400 : 0;
	int64_t t = now - s->delay + slack < now ? now - s->delay + slack : now;
	int64_t later = INT64_MAX;
	int r;

	if (next && slots_next(s, t, &later) == 0)
		later = slots_due(s, later);
	for (t++; (r = slots_prev(s, t, &t)) == 0 && slots_due(s, t) > now;)
		later = slots_due(s, t);
	*newest = t;
	if (next)
		*next = later;
	return r;
}

static struct calslots
by_calendar(const struct slots *s)
{
	return (struct calslots){s->zone, s->rule, s->n, s->cal, s->shift};
}

bool
slots_beyond(const struct slots *s, int64_t t)
{
	struct calslots c = by_calendar(s);

	return s->cal && calslots_beyond(&c, t);
}

int
slots_after(const struct slots *s, int64_t t, int64_t *next)
{
	struct calslots c = by_calendar(s);

	return s->cal ? calslots_after(&c, t, next) :
	    rules_next(s->rule, s->n, t, next);
}

int
slots_before(const struct slots *s, int64_t t, int64_t *prev)
{
	struct calslots c = by_calendar(s);

	return s->cal ? calslots_before(&c, t, prev) :
	    rules_prev(s->rule, s->n, t, prev);
}

int
slots_next(const struct slots *s, int64_t t, int64_t *next)
{
	if (t < s->start)
		t = s->start - 1;
	return slots_after(s, t, next) == 0 && *next <= s->end ? 0 : -1;
}

int
slots_prev(const struct slots *s, int64_t t, int64_t *prev)
{
	if (t > s->end)
		t = s->end + 1;
	return slots_before(s, t, prev) == 0 && *prev >= s->start ? 0 : -1;
}

/* does the start decide which instants are slots? */
static bool
from_start(const char *schedule)
{
	return strstr(schedule, "every") || strstr(schedule, "@once");
}

void
slots_key(struct buf *b, const struct rec *dag)
{
	static const char *const more[] = {"dst-gap", "dst-overlap",
	    "calendar", "nth", "on-holiday", "start"};
	const char *zone = rec_get(dag, "timezone"), *separator = "", *v;
	bool start = false;

	for (size_t i = 0; i < dag->nfield; i++) {
		if (strcmp(dag->field[i].key, "schedule") != 0)
			continue;
		buf_str(b, separator);
		buf_str(b, dag->field[i].value);
		start |= from_start(dag->field[i].value);
		separator = " ; ";
	}
	buf_str(b, " @ ");
	buf_str(b, zone ? zone : "");
	for (size_t i = 0; i < 5 + (size_t)start; i++)
		if ((v = rec_get(dag, more[i])))
			buf_fmt(b, " %s=%s", more[i], v);
}
