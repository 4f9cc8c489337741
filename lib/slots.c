/* slots: when a DAG falls due: all its schedules together, in its zone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "period.h"
#include "rec.h"
#include "slots.h"
#include "tick.h"
#include "tz.h"

int
slots_init(struct slots *s, const char *timezone, struct buf *why)
{
	*s = (struct slots){.start = INT64_MIN, .end = INT64_MAX};
	s->zone = tz_load(timezone);
	if (s->zone)
		return 0;
	buf_fmt(why, "timezone \"%.60s\": ", timezone ? timezone : "");
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
	struct buf part = BUF_INIT;
	struct cron *p;
	int r = -1;

	for (; bar; expr = bar + 1, bar = strchr(expr, '|')) {
		buf_reset(&part);
		buf_add(&part, expr, (size_t)(bar - expr));
		if (slots_add(s, CRON_CRON4J, buf_cstr(&part), why) < 0)
			goto out;
	}
	p = realloc(s->cron, (s->n + 1) * sizeof *p);
	if (!p)
		goto out;
	s->cron = p;
	buf_fmt(why, "schedule \"%.200s\": ", expr);
	if (cron_parse_as(&s->cron[s->n], d, expr, why) < 0)
		goto out;
	buf_reset(why);
	s->n++;
	r = 0;
out:
	buf_free(&part);
	return r;
}

static int
read_bound(const struct slots *s, const struct rec *dag, const char *key,
    int64_t *first, int64_t *last, struct buf *why)
{
	const char *v = rec_get(dag, key);

	if (!v)
		return 0;
	buf_fmt(why, "%s: ", key);
	if (period_parse(s->zone, v, first, last, why) < 0)
		return -1;
	buf_reset(why);
	return 1;
}

int
slots_make(struct slots *s, const struct rec *dag, struct buf *why)
{
	int64_t first, last;

	if (slots_init(s, rec_get(dag, "timezone"), why) < 0)
		return -1;
	for (size_t i = 0; i < dag->nfield; i++)
		if (strcmp(dag->field[i].key, "schedule") == 0 &&
		    slots_add(s, CRON_CRONTAB, dag->field[i].value, why) < 0)
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
		return 0;
	buf_str(why, "start is after end");
	return -1;
}

void
slots_free(struct slots *s)
{
	free(s->cron);
	*s = (struct slots){0};
}

int
slots_after(const struct slots *s, int64_t t, int64_t *next)
{
	int64_t at;
	int r = -1;

	for (size_t i = 0; i < s->n; i++) {
		if (tick_next(&s->cron[i], s->zone, t, &at) < 0)
			continue;
		if (r < 0 || at < *next)
			*next = at;
		r = 0;
	}
	return r;
}

int
slots_before(const struct slots *s, int64_t t, int64_t *prev)
{
	int64_t at;
	int r = -1;

	for (size_t i = 0; i < s->n; i++) {
		if (tick_prev(&s->cron[i], s->zone, t, &at) < 0)
			continue;
		if (r < 0 || at > *prev)
			*prev = at;
		r = 0;
	}
	return r;
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

void
slots_key(struct buf *b, const struct rec *dag)
{
	const char *zone = rec_get(dag, "timezone"), *separator = "";

	for (size_t i = 0; i < dag->nfield; i++) {
		if (strcmp(dag->field[i].key, "schedule") != 0)
			continue;
		buf_str(b, separator);
		buf_str(b, dag->field[i].value);
		separator = " ; ";
	}
	buf_str(b, " @ ");
	buf_str(b, zone ? zone : "");
}
