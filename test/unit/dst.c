/*
 * dst: the slots around every change of the clock from 2020 to 2030, for each
 * zone named on stdin, against the minutes that the C library's local time
 * shows there, one after the other; TAP, and a line for what differs. Fewer
 * changes than the argument (1000) are too few.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "instant.h"
#include "rec.h"
#include "slots.h"

enum { HOURS = 26, MINUTES = 2 * HOURS * 60, MAX = 180, STEP = 43200 };
enum gap { RUN, SKIP };
enum overlap { FIRST, SECOND, BOTH };

static bool
daily(int64_t m)
{
	return m % 1440 == 0;
}

static bool
hourly(int64_t m)
{
	return m % 60 == 0;
}

static bool
quarters(int64_t m)
{
	return m / 60 % 24 == 2 && m % 15 == 0;
}

static bool
interval(int64_t m)
{
	return m % 1440 % 90 == 0;
}

static bool
night(int64_t m)
{
	return m % 1440 == 150;
}

static const struct {
	const char *schedule, *keys;
	bool (*match)(int64_t);
	enum gap gap;
	enum overlap overlap;
} what[] = {
	{"0 0 * * *", "", daily, RUN, FIRST},
	{"0 * * * *", "", hourly, SKIP, BOTH},
	{"*/15 2 * * *", "", quarters, SKIP, BOTH},
	{"every 90m", "", interval, RUN, BOTH},
	{"30 2 * * *", "", night, RUN, FIRST},
	{"30 2 * * *", "\tdst-gap=skip\tdst-overlap=both", night, SKIP, BOTH},
	{"30 2 * * *", "\tdst-gap=run\tdst-overlap=second", night, RUN,
	    SECOND},
	{"*/15 2 * * *", "\tdst-gap=run\tdst-overlap=first", quarters, RUN,
	    FIRST},
	{"every 90m", "\tdst-gap=skip\tdst-overlap=second", interval, SKIP,
	    SECOND},
};

enum { WHAT = sizeof what / sizeof what[0] };

static long changes;
static int64_t wall[MINUTES];	/* minutes on the wall */
static bool again[MINUTES];	/* shown once more, later */

static int64_t
offset(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	return localtime_r(&t, &tm) ? tm.tm_gmtoff : -1;
}

static void
look(int64_t from)
{
	int64_t low = INT64_MAX;

	for (int i = 0; i < MINUTES; i++)
		wall[i] = (from + i * 60 + offset(from + i * 60)) / 60;
	for (int i = MINUTES - 1; i >= 0; i--) {
		again[i] = wall[i] >= low;
		if (wall[i] < low)
			low = wall[i];
	}
}

/* is one of the minutes between two matched? */
static bool
skipped(int k, int64_t a, int64_t b)
{
	for (a++; a < b; a++)
		if (what[k].match(a))
			return true;
	return false;
}

/* is schedule k due at minute i of what the wall shows? max: shown so far */
static bool
expected(int k, int i, int64_t max)
{
	int64_t jump = wall[i] - wall[i - 1];

	if (jump > 1 && jump <= MAX && what[k].gap == RUN &&
	    skipped(k, wall[i - 1], wall[i]))
		return true;
	if (!what[k].match(wall[i]))
		return false;
	if (wall[i] <= max)
		return what[k].overlap != FIRST;
	return !again[i] || what[k].overlap != SECOND;
}

static bool
differs(const char *zone, int k, int64_t t, const char *how)
{
	char text[INSTANT_LEN];

	instant_format(text, t, 0);
	printf("# %s: %s%s: %s: %s\n", zone, what[k].schedule, what[k].keys,
	    text, how);
	return false;
}

static bool
compare(const char *zone, int k, const struct slots *s, int64_t from)
{
	int64_t max = wall[0], t = from, back;
	bool good = true, any = slots_next(s, t, &t) == 0;

	for (int i = 1; i < MINUTES && good; i++) {
		int64_t at = from + i * 60;

		if (expected(k, i, max)) {
			if (!any || t != at)
				return differs(zone, k, at, "lost");
			if (slots_prev(s, t + 1, &back) < 0 || back != t)
				good = differs(zone, k, at, "not found back");
			any = slots_next(s, t, &t) == 0;
			if (any && (slots_prev(s, t, &back) < 0 || back != at))
				good = differs(zone, k, t, "before it");
		} else if (any && t <= at) {
			return differs(zone, k, t, "doubled");
		}
		max = wall[i] > max ? wall[i] : max;
	}
	return good;
}

/* from a start an interval takes no notice of the clock */
static bool
steady(const char *zone, const struct slots *s, int64_t from)
{
	int64_t t, at = from / 5400 * 5400 + 5400;

	for (t = from; slots_next(s, t, &t) == 0 && t == at &&
	    t < from + MINUTES * 60; at += 5400)
		;
	if (at >= from + MINUTES * 60)
		return true;
	printf("# %s: every 90m from a start: not at %lld\n", zone,
	    (long long)at);
	return false;
}

static bool
make(struct slots *s, const char *zone, const char *schedule,
    const char *keys)
{
	struct buf b = BUF_INIT, why = BUF_INIT;
	struct rec dag = {0};
	bool good;

	buf_fmt(&b, "dag\tx\ttimezone=%s\tschedule=%s%s", zone, schedule, keys);
	good = rec_parse(&dag, buf_cstr(&b), b.n) == REC_OK &&
	    slots_make(s, &dag, &why) == 0;
	if (!good)
		printf("# %s: %s\n", zone, buf_cstr(&why));
	rec_free(&dag);
	buf_free(&b);
	buf_free(&why);
	return good;
}

static bool
check(const char *zone)
{
	const int64_t begin = civil_days(2020, 1, 1) * 86400;
	const int64_t end = civil_days(2031, 1, 1) * 86400;
	struct slots s[WHAT], start;
	int64_t before, low, high, mid;
	char env[256];
	bool good = true;

	snprintf(env, sizeof env, ":/usr/share/zoneinfo/%s", zone);
	setenv("TZ", env, 1);
	tzset();
	for (int k = 0; k < WHAT; k++)
		if (!make(&s[k], zone, what[k].schedule, what[k].keys))
			return false;
	if (!make(&start, zone, "every 90m", "\tstart=1970-01-01T00:00:00Z"))
		return false;
	for (int64_t t = begin; t < end && good; t += STEP) {
		before = offset(t);
		if (offset(t + STEP) == before)
			continue;
		for (low = t, high = t + STEP; high - low > 1;) {
			mid = (low + high) / 2;
			*(offset(mid) == before ? &low : &high) = mid;
		}
		changes++;
		look(high - HOURS * 3600);
		for (int k = 0; k < WHAT; k++)
			good &= compare(zone, k, &s[k], high - HOURS * 3600);
		good &= steady(zone, &start, high - HOURS * 3600);
	}
	for (int k = 0; k < WHAT; k++)
		slots_free(&s[k]);
	slots_free(&start);
	return good;
}

int
main(int argc, char **argv)
{
	long least = argc > 1 ? atol(argv[1]) : 1000, zones = 0, bad = 0;
	char zone[200];

	while (fgets(zone, sizeof zone, stdin)) {
		zone[strcspn(zone, "\n")] = '\0';
		zones++;
		bad += !check(zone);
	}
	printf("%sok 1 - %ld zones, %ld changes of the clock\n1..1\n",
	    bad || changes < least ? "not " : "", zones, changes);
	return bad || changes < least;
}
