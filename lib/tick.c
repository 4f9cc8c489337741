/* tick: the instants at which a cron expression falls due in a zone. */
#include "cron.h"
#include "instant.h"
#include "tick.h"
#include "tz.h"

/*
 * Local time is a clock of minutes that now and then jumps. What a jump does
 * is cronie's main loop (cron.c), as if it had always been running: a jump
 * by more than JUMP_MAX is taken as it comes; after a smaller one forward,
 * what was skipped runs at once, unless it is wild; during one back only what
 * is wild runs, until the clock is again where it was. A cron's gap and
 * overlap, if they say so, decide instead of wild.
 */
enum { JUMP_MAX = 180, JUMP_SMALL = 5 };

static const int64_t none = INT64_MIN;
static const int64_t horizon = INT64_C(36525) * 86400;
/* the years 0 to 9999, whatever the zone */
static const int64_t earliest = INT64_C(-62167219200) + 86400;
static const int64_t latest = INT64_C(253402300799) - 86400;

static int64_t
greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* a span in local minutes */
struct stretch {
	struct tz_span span;
	bool open;		/* it has no beginning */
	int64_t first, last;	/* minutes that the clock shows in it */
	int64_t before;		/* the minute it showed before */
	int64_t jump;		/* from before to first */
};

static int64_t
minute_of(int64_t local)
{
	return local / 60 - (local % 60 < 0);
}

static struct stretch
stretch_at(const struct tz *z, int64_t t)
{
	struct stretch s = {.span = tz_span(z, t), .first = INT64_MIN / 2,
	    .last = INT64_MAX / 2};

	s.open = s.span.begin == INT64_MIN;
	if (s.span.end != INT64_MAX)
		s.last = minute_of(s.span.end - 1 + s.span.off);
	if (!s.open) {
		s.first = minute_of(s.span.begin + s.span.off);
		s.before = minute_of(s.span.begin - 1 +
		    tz_offset(z, s.span.begin - 1));
		s.jump = s.first - s.before;
	}
	return s;
}

/* the lowest set bit from bit n on, the highest up to bit n; or -1 */
static int
bit_from(uint64_t set, int n)
{
	set = n > 63 ? 0 : set >> n << n;
	return set ? __builtin_ctzll(set) : -1;
}

static int
bit_to(uint64_t set, int n)
{
	set = n < 0 ? 0 : set << (63 - n) >> (63 - n);
	return set ? 63 - __builtin_clzll(set) : -1;
}

static int64_t
minute_number(const struct civil *c)
{
	return minute_of(civil_seconds(c));
}

static int64_t
midnight(int64_t m)
{
	return m - (m % 1440 + 1440) % 1440;
}

/* the same as first_match and last_match, for multiples of every minutes */
static int64_t
first_multiple(int every, int64_t m, int64_t last)
{
	int64_t day = midnight(m), n = (m - day + every - 1) / every * every;

	m = n < 1440 ? day + n : day + 1440;
	return m <= last ? m : none;
}

static int64_t
last_multiple(int every, int64_t m, int64_t first)
{
	m = midnight(m) + (m - midnight(m)) / every * every;
	return m >= first ? m : none;
}

/* the first minute from m to last that matches, or none */
static int64_t
first_match(const struct cron *c, int64_t m, int64_t last)
{
	struct civil at;
	int min, hour, day;

	if (m > last)
		return none;
	if (c->every)
		return first_multiple(c->every, m, last);
	civil_from_seconds(&at, m * 60);
	day = bit_from(cron_days(c, at.year, at.mon), at.day);
	hour = at.hour;
	min = at.min;
	if (day == at.day && (c->hour >> hour & 1) &&
	    (min = bit_from(c->minute, min)) >= 0)
		goto found;
	min = bit_from(c->minute, 0);
	if (day == at.day && (hour = bit_from(c->hour, at.hour + 1)) >= 0)
		goto found;
	hour = bit_from(c->hour, 0);
	day = bit_from(cron_days(c, at.year, at.mon), at.day + 1);
	while (day < 0) {
		at.year += at.mon == 12;
		at.mon = at.mon % 12 + 1;
		if (civil_days(at.year, at.mon, 1) * 1440 > last)
			return none;
		day = bit_from(cron_days(c, at.year, at.mon), 1);
	}
found:
	at.day = day;
	at.hour = hour;
	at.min = min;
	m = minute_number(&at);
	return m <= last ? m : none;
}

/* the last minute from m back to first that matches, or none */
static int64_t
last_match(const struct cron *c, int64_t m, int64_t first)
{
	struct civil at;
	int min, hour, day;

	if (m < first)
		return none;
	if (c->every)
		return last_multiple(c->every, m, first);
	civil_from_seconds(&at, m * 60);
	day = bit_to(cron_days(c, at.year, at.mon), at.day);
	hour = at.hour;
	min = at.min;
	if (day == at.day && (c->hour >> hour & 1) &&
	    (min = bit_to(c->minute, min)) >= 0)
		goto found;
	min = bit_to(c->minute, 59);
	if (day == at.day && (hour = bit_to(c->hour, at.hour - 1)) >= 0)
		goto found;
	hour = bit_to(c->hour, 23);
	day = bit_to(cron_days(c, at.year, at.mon), at.day - 1);
	while (day < 0) {
		if (civil_days(at.year, at.mon, 1) * 1440 <= first)
			return none;
		at.year -= at.mon == 1;
		at.mon = at.mon == 1 ? 12 : at.mon - 1;
		day = bit_to(cron_days(c, at.year, at.mon), 31);
	}
found:
	at.day = day;
	at.hour = hour;
	at.min = min;
	m = minute_number(&at);
	return m >= first ? m : none;
}

static bool
turned_back(const struct stretch *s)
{
	return s->jump < 0 && s->jump >= -JUMP_MAX;
}

/* is what the clock shows twice due the second time? */
static bool
repeats(const struct cron *c)
{
	return c->overlap == OVERLAP_CRONIE ? c->wild :
	    c->overlap != OVERLAP_FIRST;
}

/* is what the clock skips due at the end of the gap? */
static bool
makes_up(const struct cron *c, int64_t jump)
{
	if (jump <= 1 || jump > JUMP_MAX || c->gap == GAP_SKIP)
		return false;
	return c->gap == GAP_RUN || !c->wild || jump <= JUMP_SMALL;
}

/* is something due at the very beginning of a stretch? */
static bool
due_at_jump(const struct cron *c, const struct stretch *s)
{
	if (s->open || s->jump == 0)
		return false;
	if (turned_back(s) && !repeats(c))
		return false;
	return first_match(c, makes_up(c, s->jump) ? s->before + 1 : s->first,
	    s->first) != none;
}

/* the first minute behind the jump at which the expression is looked at */
static int64_t
first_minute(const struct cron *c, const struct stretch *s)
{
	if (s->open)
		return s->first;
	if (turned_back(s) && !repeats(c))
		return s->before + 1;
	return s->first + 1;
}

/* the last at which it is: what comes again may be due only then */
static int64_t
last_minute(const struct cron *c, const struct tz *z, const struct stretch *s)
{
	struct stretch after;

	if (c->overlap != OVERLAP_SECOND || s->span.end == INT64_MAX)
		return s->last;
	after = stretch_at(z, s->span.end);
	return turned_back(&after) ? after.first - 1 : s->last;
}

int
tick_next(const struct cron *c, const struct tz *z, int64_t t, int64_t *next)
{
	const int64_t end = lesser(t + horizon, latest);
	struct stretch s;
	int64_t m, off;

	for (int64_t at = t; at <= end; at = s.span.end) {
		s = stretch_at(z, at);
		if (s.span.begin > t && due_at_jump(c, &s)) {
			*next = s.span.begin;
			return 0;
		}
		off = s.span.off;
		m = first_match(c,
		    greater(first_minute(c, &s), minute_of(t + off) + 1),
		    lesser(last_minute(c, z, &s), minute_of(end + off)));
		if (m != none) {
			*next = m * 60 - off;
			return 0;
		}
	}
	return -1;
}

int
tick_prev(const struct cron *c, const struct tz *z, int64_t t, int64_t *prev)
{
	const int64_t end = greater(t - horizon, earliest);
	struct stretch s;
	int64_t m, off;

	for (int64_t at = t - 1; at >= end; at = s.span.begin - 1) {
		s = stretch_at(z, at);
		off = s.span.off;
		m = last_match(c, lesser(last_minute(c, z, &s),
		    minute_of(t - 1 + off)),
		    greater(first_minute(c, &s), minute_of(end + off)));
		if (m != none) {
			*prev = m * 60 - off;
			return 0;
		}
		if (due_at_jump(c, &s)) {
			*prev = s.span.begin;
			return 0;
		}
		if (s.open)
			break;
	}
	return -1;
}
