/* calslots: the slots that a calendar leaves, or moves to other days. */
#include "calslots.h"
#include "instant.h"
#include "tz.h"

enum { DAY = 86400, FAR = 366 };	/* FAR: days that a slot is moved */

static int64_t
day_of(const struct calslots *s, int64_t t)
{
	int64_t local = t + tz_offset(s->zone, t);

	return local / DAY - (local % DAY < 0);
}

/* the instant at which the clock first shows a second of a day */
static int64_t
instant_of(const struct calslots *s, int64_t day, int64_t second)
{
	struct civil c;
	int64_t t[2];

	civil_from_seconds(&c, day * DAY + second);
	tz_instants(s->zone, &c, t);
	return t[0];
}

static int
raw_next(const struct calslots *s, int64_t t, int64_t *next)
{
	return rules_next(s->rule, s->n, t, next);
}

static int
raw_prev(const struct calslots *s, int64_t t, int64_t *prev)
{
	return rules_prev(s->rule, s->n, t, prev);
}

/* the last day about which the calendar can say what becomes of its slots */
static int64_t
last_known(const struct calslots *s)
{
	int64_t last = s->cal->until;

	if (last == INT64_MAX || s->shift != SHIFT_AFTER)
		return last;
	/* what is moved on from there has nowhere to go yet */
	return cal_has(s->cal, last) ? last : cal_before(s->cal, last);
}

bool
calslots_beyond(const struct calslots *s, int64_t t)
{
	return day_of(s, t) > last_known(s);
}

/* where a slot on some day is moved to, if it is moved to day */
static int64_t
moved(const struct calslots *s, int64_t t, int64_t day)
{
	int64_t from = day_of(s, t);

	if (from == day)
		return t;
	return instant_of(s, day, t + tz_offset(s->zone, t) - from * DAY);
}

/* the days whose slots come to a day: itself, and what is moved to it */
static void
sources(const struct calslots *s, int64_t day, int64_t *first, int64_t *last)
{
	int64_t n;

	*first = *last = day;
	if (s->shift == SHIFT_AFTER) {
		n = cal_before(s->cal, day);
		*first = n == INT64_MIN || n < day - FAR ? day - FAR : n + 1;
	} else if (s->shift == SHIFT_BEFORE) {
		n = cal_after(s->cal, day);
		*last = n > day + FAR ? day + FAR : n - 1;
		if (*last > s->cal->until)
			*last = s->cal->until;
	}
}

/* the same clock on another day, at which to begin to look: before t, or (back)
 * behind it; each second of a day comes to one instant of that day, in order */
static int64_t
alike(const struct calslots *s, int64_t day, int64_t from, int64_t t,
    bool back)
{
	int64_t second = t + tz_offset(s->zone, t) - day * DAY, at[2];
	struct civil c;
	int n;

	if (second < 0 || second >= DAY)
		return instant_of(s, from + (second >= DAY), 0) - !back;
	civil_from_seconds(&c, day * DAY + second);
	n = tz_instants(s->zone, &c, at);
	/* the second time that the clock shows it more of the day is over */
	if (back && n == 2 && t == at[1])
		second = at[1] - at[0] + second < DAY ?
		    at[1] - at[0] + second : DAY;
	civil_from_seconds(&c, from * DAY + second);
	n = tz_instants(s->zone, &c, at);
	return back ? at[n == 2] : at[0] - 1;
}

/*
 * Of the slots that a day has, its own and those moved to it, the first after
 * t, or (back) the last before it.
 */
static bool
of_day(const struct calslots *s, int64_t day, int64_t t, bool back,
    int64_t *found)
{
	int64_t first, last, at, to;
	bool any = false;

	sources(s, day, &first, &last);
	for (int64_t from = first; from <= last; from++) {
		at = from == day && day_of(s, t) == day ? t :
		    alike(s, day, from, t, back);
		while ((back ? raw_prev(s, at, &at) : raw_next(s, at, &at)) ==
		    0 && day_of(s, at) == from) {
			to = moved(s, at, day);
			if (back ? to >= t : to <= t)
				continue;
			if (!any || (back ? to > *found : to < *found))
				*found = to;
			any = true;
			break;
		}
	}
	return any;
}

/* the day to which a slot on some day comes, as far as that can be said */
static int64_t
target(const struct calslots *s, int64_t day, bool back)
{
	if (cal_has(s->cal, day))
		return day;
	return s->shift == SHIFT_BEFORE || (s->shift == SHIFT_SKIP && back) ?
	    cal_before(s->cal, day) : cal_after(s->cal, day);
}

int
calslots_after(const struct calslots *s, int64_t t, int64_t *next)
{
	const int64_t last = last_known(s);
	int64_t day, at, from, to;

	/* with no slot at all there would be no end to looking */
	if (raw_next(s, t, &at) < 0 && (s->shift != SHIFT_AFTER ||
	    raw_prev(s, t, &at) < 0))
		return -1;
	day = day_of(s, t);
	if (s->shift == SHIFT_SKIP && day_of(s, at) > day && at > t)
		day = day_of(s, at);
	if (!cal_has(s->cal, day))
		day = cal_after(s->cal, day);
	while (day <= last && day != INT64_MAX) {
		if (of_day(s, day, t, false, next))
			return 0;
		/* to the day of the next slot, whatever is between */
		sources(s, day, &from, &to);
		if (raw_next(s, instant_of(s, to + 1, 0) - 1, &at) < 0)
			return -1;
		at = target(s, day_of(s, at), false);
		day = at > day ? at : cal_after(s->cal, day);
	}
	if (last == INT64_MAX)
		return -1;
	at = instant_of(s, last + 1, 0) - 1;
	return raw_next(s, at > t ? at : t, next);
}

int
calslots_before(const struct calslots *s, int64_t t, int64_t *prev)
{
	const int64_t last = last_known(s);
	int64_t day, at, from, to;

	if (raw_prev(s, t, &at) == 0 && day_of(s, at) > last) {
		*prev = at;
		return 0;
	}
	day = day_of(s, t) < last ? day_of(s, t) : last;
	if (!cal_has(s->cal, day))
		day = cal_before(s->cal, day);
	while (day != INT64_MIN) {
		if (of_day(s, day, t, true, prev))
			return 0;
		sources(s, day, &from, &to);
		if (raw_prev(s, instant_of(s, from, 0), &at) < 0)
			return -1;
		at = target(s, day_of(s, at), true);
		day = at < day ? at : cal_before(s->cal, day);
	}
	return -1;
}
