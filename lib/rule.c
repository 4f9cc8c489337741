/* rule: one schedule: a cron expression, an interval, instants, or once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "instant.h"
#include "num.h"
#include "period.h"
#include "rule.h"
#include "tick.h"
#include "tz.h"

enum { DAY = 86400, WORD = 64, INSTANTS = 10000 };

static const char blank[] = " \t\r\n";
/* the years 0 to 9999 */
static const int64_t earliest = INT64_C(-62167219200) + DAY;
static const int64_t latest = INT64_C(253402300799) - DAY;

/* takes the next word out of *s; false: there is none. Longer ones are cut */
static bool
next_word(const char **s, char word[WORD])
{
	size_t n;

	*s += strspn(*s, blank);
	n = strcspn(*s, blank);
	memcpy(word, *s, n < WORD ? n : WORD - 1);
	word[n < WORD ? n : WORD - 1] = '\0';
	*s += n;
	return n > 0;
}

static int
parse_every(struct rule *r, const char *s, struct buf *why)
{
	char word[WORD], more[WORD];

	if (!next_word(&s, word) || next_word(&s, more) ||
	    dur_parse(word, &r->step) < 0) {
		buf_str(why, "a duration, and only that, should follow "
		    "\"every\", such as 90m, 6h or 2d");
		return -1;
	}
	if (r->step == 0) {
		buf_str(why, "every 0s is never: at least 1s is needed");
		return -1;
	}
	r->kind = r->step % DAY == 0 ? RULE_DAYS : RULE_EVERY;
	r->from = INT64_MAX;
	r->cron.gap = GAP_RUN;
	r->cron.overlap = r->kind == RULE_DAYS ? OVERLAP_FIRST : OVERLAP_BOTH;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static int
parse_at(struct rule *r, const char *s, struct buf *why)
{
	char word[WORD];
	int64_t last, *p;

	r->kind = RULE_AT;
	while (next_word(&s, word)) {
		if (r->n == INSTANTS) {
			buf_fmt(why, "there are more than %d instants in it",
			    INSTANTS);
			return -1;
		}
		p = realloc(r->at, (r->n + 1) * sizeof *p);
		if (!p) {
			buf_str(why, strerror(errno));
			return -1;
		}
		r->at = p;
		if (strlen(word) < sizeof "2025-01-01" - 1) {
			buf_fmt(why, "\"%s\" is not a day or an instant: "
			    "2025-03-01, 2025-03-01T02:00", word);
			return -1;
		}
		if (period_parse(r->zone, word, &r->at[r->n], &last, why) < 0)
			return -1;
		r->n++;
	}
	if (r->n == 0) {
		buf_str(why, "instants should follow \"at\", such as "
		    "2025-03-01T02:00");
		return -1;
	}
	qsort(r->at, r->n, sizeof *r->at, compare);
	return 0;
}

static int
parse_zone(struct rule *r, const char *name, struct buf *why)
{
	r->zone = *name ? tz_load(name) : NULL;
	if (r->zone)
		return 0;
	buf_fmt(why, "\"%s\" is not a known time zone", name);
	return -1;
}

int
rule_parse(struct rule *r, const struct tz *zone, enum cron_dialect d,
    const char *text, struct buf *why)
{
	const char *s = text, *rest;
	char word[WORD];

	*r = (struct rule){.kind = RULE_CRON, .zone = zone};
	rest = s;
	if (d == CRON_CRONTAB && next_word(&rest, word) &&
	    strncmp(word, "TZ=", 3) == 0) {
		if (parse_zone(r, word + 3, why) < 0)
			return -1;
		s = rest;
	}
	rest = s;
	if (d == CRON_CRONTAB && next_word(&rest, word)) {
		if (strcmp(word, "every") == 0)
			return parse_every(r, rest, why);
		if (strcmp(word, "at") == 0)
			return parse_at(r, rest, why);
		if (strcmp(word, "@once") == 0 && !next_word(&rest, word)) {
			r->kind = RULE_ONCE;
			r->from = INT64_MAX;
			return 0;
		}
	}
	return cron_parse_as(&r->cron, d, s, why);
}

void
rule_start(struct rule *r, int64_t start)
{
	r->from = start;
}

int
rule_align(struct rule *r, struct buf *why)
{
	if (r->kind != RULE_EVERY && r->kind != RULE_DAYS)
		return 0;
	if (r->step > DAY) {
		buf_str(why, "more than a day needs a start to count from");
		return -1;
	}
	if (r->step % 60) {
		buf_str(why, "without a start to count from it must be whole "
		    "minutes");
		return -1;
	}
	r->kind = RULE_CRON;
	r->cron.every = (int)(r->step / 60);
	return 0;
}

void
rule_clock(struct rule *r, enum cron_gap gap, enum cron_overlap overlap)
{
	if (gap != GAP_CRONIE)
		r->cron.gap = gap;
	if (overlap != OVERLAP_CRONIE)
		r->cron.overlap = overlap;
}

void
rule_free(struct rule *r)
{
	free(r->at);
	*r = (struct rule){0};
}

/* the instants of a day at the time of day of from, ascending: 0, 1 or 2 */
static int
of_day(const struct rule *r, int64_t day, int64_t t[2])
{
	int64_t local = r->from + tz_offset(r->zone, r->from), clock;
	struct civil c;
	int n;

	clock = (local % DAY + DAY) % DAY;
	civil_from_seconds(&c, day * DAY + clock);
	n = tz_instants(r->zone, &c, t);
	if (n == 0)
		return r->cron.gap != GAP_SKIP;
	if (n == 2 && r->cron.overlap == OVERLAP_SECOND)
		t[0] = t[1];
	return n == 2 && r->cron.overlap == OVERLAP_BOTH ? 2 : 1;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t
day_at(const struct rule *r, int64_t t)
{
	return floor_div(t + tz_offset(r->zone, t), DAY);
}

static int
next_day(const struct rule *r, int64_t t, int64_t *next)
{
	const int64_t first = day_at(r, r->from), step = r->step / DAY;
	int64_t day, at[2];
	int n;

	if (t < r->from)
		t = r->from - 1;
	day = first + floor_div(day_at(r, t) - 1 - first, step) * step;
	for (; day * DAY < latest; day += step) {
		if (day < first)
			continue;
		n = of_day(r, day, at);
		for (int i = 0; i < n; i++) {
			if (at[i] > t) {
				*next = at[i];
				return 0;
			}
		}
	}
	return -1;
}

static int
prev_day(const struct rule *r, int64_t t, int64_t *prev)
{
	const int64_t first = day_at(r, r->from), step = r->step / DAY;
	int64_t day, at[2];

	if (t > latest)
		t = latest;
	day = first + floor_div(day_at(r, t) + 1 - first, step) * step;
	for (; day >= first; day -= step) {
		for (int i = of_day(r, day, at) - 1; i >= 0; i--) {
			if (at[i] < t && at[i] >= r->from) {
				*prev = at[i];
				return 0;
			}
		}
	}
	return -1;
}

static int
next_every(const struct rule *r, int64_t t, int64_t *next)
{
	*next = t < r->from ? r->from :
	    r->from + ((t - r->from) / r->step + 1) * r->step;
	return *next <= latest ? 0 : -1;
}

static int
prev_every(const struct rule *r, int64_t t, int64_t *prev)
{
	if (t > latest)
		t = latest;
	if (t <= r->from)
		return -1;
	*prev = r->from + (t - 1 - r->from) / r->step * r->step;
	return 0;
}

int
rule_next(const struct rule *r, int64_t t, int64_t *next)
{
	if (t < earliest)
		t = earliest;
	if (t > latest || (r->kind != RULE_CRON && r->kind != RULE_AT &&
	    r->from == INT64_MAX))
		return -1;
	switch (r->kind) {
	case RULE_CRON:
		return tick_next(&r->cron, r->zone, t, next);
	case RULE_EVERY:
		return next_every(r, t, next);
	case RULE_DAYS:
		return next_day(r, t, next);
	case RULE_ONCE:
		*next = r->from;
		return r->from > t ? 0 : -1;
	case RULE_AT:
		for (size_t i = 0; i < r->n; i++) {
			if (r->at[i] > t) {
				*next = r->at[i];
				return 0;
			}
		}
	}
	return -1;
}

int
rule_prev(const struct rule *r, int64_t t, int64_t *prev)
{
	if (t < earliest || (r->kind != RULE_CRON && r->kind != RULE_AT &&
	    r->from == INT64_MAX))
		return -1;
	switch (r->kind) {
	case RULE_CRON:
		return tick_prev(&r->cron, r->zone, t, prev);
	case RULE_EVERY:
		return prev_every(r, t, prev);
	case RULE_DAYS:
		return prev_day(r, t, prev);
	case RULE_ONCE:
		*prev = r->from;
		return r->from < t ? 0 : -1;
	case RULE_AT:
		for (size_t i = r->n; i > 0; i--) {
			if (r->at[i - 1] < t) {
				*prev = r->at[i - 1];
				return 0;
			}
		}
	}
	return -1;
}

int
rules_next(const struct rule *rule, size_t n, int64_t t, int64_t *next)
{
	int64_t at;
	int r = -1;

	for (size_t i = 0; i < n; i++) {
		if (rule_next(&rule[i], t, &at) < 0)
			continue;
		if (r < 0 || at < *next)
			*next = at;
		r = 0;
	}
	return r;
}

int
rules_prev(const struct rule *rule, size_t n, int64_t t, int64_t *prev)
{
	int64_t at;
	int r = -1;

	for (size_t i = 0; i < n; i++) {
		if (rule_prev(&rule[i], t, &at) < 0)
			continue;
		if (r < 0 || at > *prev)
			*prev = at;
		r = 0;
	}
	return r;
}
