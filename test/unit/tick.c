/*
 * tick: against cronie's main loop, acted out minute by minute with the C
 * library's local time and a matcher of its own; TAP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "cron.h"
#include "instant.h"
#include "tick.h"
#include "tz.h"

static const struct {
	const char *zone;
	int year;
	int step;		/* seconds that divide all its offsets */
} where[] = {
	{"America/New_York", 2025, 60}, {"Europe/Berlin", 2025, 60},
	{"Australia/Lord_Howe", 2025, 60}, {"Antarctica/Troll", 2025, 60},
	{"Antarctica/Casey", 2009, 60}, {"Antarctica/Casey", 2010, 60},
	{"America/Sao_Paulo", 2018, 60}, {"Pacific/Apia", 2011, 60},
	{"Pacific/Kwajalein", 1993, 60}, {"Pacific/Kwajalein", 1969, 60},
	{"America/Caracas", 2007, 60}, {"America/Caracas", 2016, 60},
	{"Asia/Kathmandu", 1986, 60}, {"Africa/Monrovia", 1972, 30},
	{"Africa/Casablanca", 2024, 60}, {"Asia/Gaza", 2011, 60},
	{"Europe/Moscow", 2011, 60}, {"Europe/Moscow", 2014, 60},
	{"Asia/Seoul", 1988, 60}, {"America/Havana", 2025, 60},
	{"Africa/Cairo", 2010, 60}, {"Asia/Pyongyang", 2018, 60},
	{"America/St_Johns", 1988, 60}, {"Europe/London", 1968, 60},
	{"Antarctica/Vostok", 1994, 60}, {"Asia/Singapore", 1981, 60},
};

static const char *const what[] = {
	"* * * * *", "*/7 * * * *", "0 * * * *", "30 * * * *", "*/15 2 * * *",
	"0 2 * * *", "30 2 * * *", "30 1 * * *", "5 2,3 * * *", "0 0 * * *",
	"59 23 * * *", "0 0-3 * * *", "0,30 0-23 * * *", "45 1 * * 0",
	"30 */2 * * *", "15 1-3 1-14 3,10,11 0", "0-59 2 * * *", "0 3 * * 6",
	"15 0 1 * *", "10 12 30 12 *",
};

enum { ZONES = sizeof where / sizeof where[0],
    EXPRS = sizeof what / sizeof what[0] };

/* is v in a field such as "1,5-7/2"? */
static bool
in_field(const char *f, int v, int max)
{
	int a, b, n, step;

	for (;; f++) {
		step = 1;
		a = 0;
		b = max;
		if (*f == '*')
			f++;
		else if (sscanf(f, "%d-%d%n", &a, &b, &n) == 2)
			f += n;
		else if (sscanf(f, "%d%n", &a, &n) == 1) {
			b = a;
			f += n;
		}
		if (*f == '/' && sscanf(f, "/%d%n", &step, &n) == 1)
			f += n;
		if (v >= a && v <= b && (v - a) % step == 0)
			return true;
		if (*f != ',')
			return false;
	}
}

/* a job, its fields as tables */
struct job {
	bool min[60], hour[24], dom[32], mon[13], dow[7];
	bool wild, star;
};

static bool
job_make(struct job *j, const char *expr)
{
	char f[5][32];

	if (sscanf(expr, "%31s %31s %31s %31s %31s", f[0], f[1], f[2], f[3],
	    f[4]) != 5)
		return false;
	for (int i = 0; i < 60; i++)
		j->min[i] = in_field(f[0], i, 59);
	for (int i = 0; i < 24; i++)
		j->hour[i] = in_field(f[1], i, 23);
	for (int i = 0; i < 32; i++)
		j->dom[i] = in_field(f[2], i, 31);
	for (int i = 0; i < 13; i++)
		j->mon[i] = in_field(f[3], i, 12);
	for (int i = 0; i < 7; i++)
		j->dow[i] = in_field(f[4], i, 7);
	j->wild = *f[0] == '*' || *f[1] == '*';
	j->star = *f[2] == '*' || *f[4] == '*';
	return true;
}

static bool
matches(const struct job *j, long minute)
{
	time_t t = (time_t)minute * 60;
	struct tm tm;
	bool dom, dow;

	if (minute >= 0 && !j->min[minute % 60])
		return false;
	gmtime_r(&t, &tm);
	dom = j->dom[tm.tm_mday];
	dow = j->dow[tm.tm_wday];
	return j->min[tm.tm_min] && j->hour[tm.tm_hour] &&
	    j->mon[tm.tm_mon + 1] && (j->star ? dom && dow : dom || dow);
}

/* cron.c: does the job run now, when the clock went from *virt to now? */
static bool
wakes(const struct job *j, long *virt, long now)
{
	long diff = now - *virt;
	bool run = false;

	if (diff == 1 || diff > 180 || diff < -180) {
		*virt = now;
		return matches(j, now);
	}
	if (diff <= 0)
		return j->wild && matches(j, now);
	if (diff > 5 && j->wild)
		run = matches(j, now);
	while (++*virt < now)
		if ((diff <= 5 || !j->wild) && matches(j, *virt))
			run = true;
	return run || ((diff <= 5 || !j->wild) && matches(j, now));
}

/* what the wall clock shows: each of its minutes, and when it came */
struct minute {
	int64_t at;
	long shown;
};

enum { MINUTES = 366 * 1440 * 2 };

static struct minute minute[MINUTES];

static size_t
read_clock(const char *zone, int year, int step)
{
	int64_t t = civil_days(year, 1, 1) * 86400;
	int64_t end = civil_days(year + 1, 1, 1) * 86400, local;
	char env[100];
	struct tm tm;
	size_t n = 0;
	long now;

	snprintf(env, sizeof env, ":/usr/share/zoneinfo/%s", zone);
	setenv("TZ", env, 1);
	tzset();
	for (; t < end && n < MINUTES; t += step) {
		local = t + localtime_r(&(time_t){t}, &tm)->tm_gmtoff;
		now = local / 60 - (local % 60 < 0);
		if (n == 0 || now != minute[n - 1].shown)
			minute[n++] = (struct minute){t, now};
	}
	return n;
}

/* the number of slots, all of them as cron has them; or -1 */
static int
check(const char *zone, size_t minutes, const char *expr)
{
	const struct tz *z = tz_load(zone);
	int64_t got, back, last = 0, t;
	long virt = minute[0].shown;
	struct buf why = BUF_INIT;
	struct cron c;
	struct job j;
	int n = 0;

	if (!z || cron_parse(&c, expr, &why) < 0 || !job_make(&j, expr) ||
	    tick_next(&c, z, minute[0].at, &got) < 0)
		return -1;
	for (size_t i = 1; i < minutes; i++) {
		if (!wakes(&j, &virt, minute[i].shown))
			continue;
		t = minute[i].at;
		if (got != t || (n > 0 && (tick_prev(&c, z, t, &back) < 0 ||
		    back != last))) {
			printf("# %s \"%s\": %lld is due, not %lld\n", zone,
			    expr, (long long)t, (long long)got);
			return -1;
		}
		n++;
		last = t;
		if (tick_next(&c, z, t, &got) < 0)
			return -1;
	}
	return got <= minute[minutes - 1].at ? -1 : n;
}

int
main(int argc, char **argv)
{
	int bad = 0, n, step = argc > 1 ? atoi(argv[1]) : 1;

	printf("1..%d\n", (ZONES + step - 1) / step * EXPRS);
	for (int i = 0; i < ZONES; i += step) {
		size_t minutes = read_clock(where[i].zone, where[i].year,
		    where[i].step);

		for (int k = 0; k < EXPRS; k++) {
			n = check(where[i].zone, minutes, what[k]);
			bad += n < 0;
			printf("%s %d - %s %d: %s: %d\n", n < 0 ? "not ok" :
			    "ok", i / step * EXPRS + k + 1, where[i].zone,
			    where[i].year, what[k], n);
		}
	}
	return bad > 0;
}
