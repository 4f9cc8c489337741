/* instant: points in time and how they are written. UTC seconds; no zones. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instant.h"
#include "num.h"

enum { DAY = 86400 };

static struct timespec clock_base, clock_start;
static bool clock_set;

/* the calendar arithmetic is Howard Hinnant's, "chrono-compatible low-level
 * date algorithms": eras of 400 years that begin on 1 March */
int64_t
civil_days(int year, int mon, int day)
{
	int64_t y = mon <= 2 ? (int64_t)year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (mon + (mon > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int64_t
civil_seconds(const struct civil *c)
{
	return civil_days(c->year, c->mon, c->day) * DAY + c->hour * 3600 +
	    c->min * 60 + c->sec;
}

void
civil_from_seconds(struct civil *c, int64_t t)
{
	int64_t days = t / DAY - (t % DAY < 0), rest = t - days * DAY;
	int64_t era, doe, yoe, doy, mp;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c->mon = (int)(mp < 10 ? mp + 3 : mp - 9);
	c->year = (int)(yoe + era * 400 + (c->mon <= 2));
	c->hour = (int)(rest / 3600);
	c->min = (int)(rest / 60 % 60);
	c->sec = (int)(rest % 60);
}

int
days_in_month(int year, int mon)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[mon - 1] + (mon == 2 && leap);
}

int
weekday(int64_t days)
{
	return (int)(((days + 4) % 7 + 7) % 7);
}

int
clock_init(void)
{
	const char *now = getenv("DAG_NOW");
	int64_t t;

	clock_set = now && *now;
	if (!clock_set)
		return 0;
	if (instant_parse(now, &t, NULL) < 0) {
		clock_set = false;
		errno = EINVAL;
		return -1;
	}
	clock_base = (struct timespec){.tv_sec = t};
	return clock_gettime(CLOCK_MONOTONIC, &clock_start);
}

struct timespec
clock_now(void)
{
	struct timespec ts, mono;

	if (!clock_set) {
		clock_gettime(CLOCK_REALTIME, &ts);
		return ts;
	}
	clock_gettime(CLOCK_MONOTONIC, &mono);
	ts.tv_sec = clock_base.tv_sec + mono.tv_sec - clock_start.tv_sec;
	ts.tv_nsec = mono.tv_nsec - clock_start.tv_nsec;
	if (ts.tv_nsec < 0) {
		ts.tv_nsec += 1000000000;
		ts.tv_sec--;
	}
	return ts;
}

int64_t
clock_seconds(void)
{
	return clock_now().tv_sec;
}

int64_t
clock_steady(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* what may stand behind the instant of a run that is of no slot */
static bool
suffix_ok(const char *s)
{
	int64_t n;

	if (strncmp(s, "-on-", 4) == 0)
		return strspn(s + 4, "0123456789") == 12 && !s[16];
	if (strncmp(s, "-file-", 6) == 0)
		return strspn(s + 6, "0123456789abcdefghijklmnopqrstuv") ==
		    12 && !s[18];
	return strncmp(s, "-manual", 7) == 0 && (!s[7] || (s[7] == '-' &&
	    s[8] != '0' && num_parse(s + 8, 2, 999999, &n) == 0));
}

static void
put_zone(char *s, size_t n, int off, const char *colon)
{
	int a = abs(off);

	if (off == 0)
		memcpy(s, "Z", 2);
	else if (a % 60)
		snprintf(s, n, "%c%02d%s%02d%s%02d", off < 0 ? '-' : '+',
		    a / 3600, colon, a / 60 % 60, colon, a % 60);
	else
		snprintf(s, n, "%c%02d%s%02d", off < 0 ? '-' : '+',
		    a / 3600, colon, a / 60 % 60);
}

/* so many digits, and what is behind them; the place behind that */
static char *
put_digits(char *s, int number, int n, char behind)
{
	for (int i = n - 1; i >= 0; i--, number /= 10)
		s[i] = (char)('0' + number % 10);
	s[n] = behind;
	return s + n + 1;
}

/* one is written for each event: so without printf */
void
instant_format(char s[INSTANT_LEN], int64_t t, int off)
{
	struct civil c;

	civil_from_seconds(&c, t + off);
	s = put_digits(s, abs(c.year % 10000), 4, '-');
	s = put_digits(s, c.mon, 2, '-');
	s = put_digits(s, c.day, 2, 'T');
	s = put_digits(s, c.hour, 2, ':');
	s = put_digits(s, c.min, 2, ':');
	s = put_digits(s, c.sec, 2, '\0');
	put_zone(s - 1, INSTANT_LEN - 19, off, ":");
}

void
instant_format_ms(char s[INSTANT_LEN], struct timespec ts)
{
	instant_format(s, ts.tv_sec, 0);
	s += strlen(s) - 1;
	*s++ = '.';
	s = put_digits(s, (int)(ts.tv_nsec / 1000000) % 1000, 3, 'Z');
	*s = '\0';
}

void
instant_run_name(char s[INSTANT_LEN], int64_t t, int off)
{
	struct civil c;
	char zone[16], sec[8] = "";

	civil_from_seconds(&c, t + off);
	put_zone(zone, sizeof zone, off, "");
	if (c.sec)
		snprintf(sec, sizeof sec, "%02d", c.sec);
	snprintf(s, INSTANT_LEN, "%04d-%02d-%02dT%02d%02d%s%s",
	    c.year % 10000, c.mon, c.day, c.hour, c.min, sec, zone);
}

/* reads exactly n digits at *s and moves behind them; the number, or -1 */
static int
digits(const char **s, int n)
{
	int v = 0;

	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + (**s - '0');
	}
	return v;
}

static bool
skip(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

/* a day, then 'T', hours and minutes, with or without colons */
static int
parse_start(const char **s, struct civil *c, bool colon)
{
	c->sec = 0;
	if ((c->year = digits(s, 4)) < 0 || !skip(s, '-') ||
	    (c->mon = digits(s, 2)) < 1 || c->mon > 12 || !skip(s, '-') ||
	    (c->day = digits(s, 2)) < 1 ||
	    c->day > days_in_month(c->year, c->mon) || !skip(s, 'T') ||
	    (c->hour = digits(s, 2)) < 0 || c->hour > 23 ||
	    (colon && !skip(s, ':')) ||
	    (c->min = digits(s, 2)) < 0 || c->min > 59)
		return -1;
	return 0;
}

static int
parse_zone(const char **s, int *off, bool colon)
{
	int sign = **s == '-' ? -1 : 1, h, m, sec = 0;
	bool seconds;

	*off = 0;
	if (skip(s, 'Z'))
		return 0;
	if (!skip(s, '+') && !skip(s, '-'))
		return -1;
	if ((h = digits(s, 2)) < 0 || h > 23 || (colon && !skip(s, ':')) ||
	    (m = digits(s, 2)) < 0 || m > 59)
		return -1;
	seconds = colon ? skip(s, ':') : **s >= '0' && **s <= '9';
	if (seconds && ((sec = digits(s, 2)) < 0 || sec > 59))
		return -1;
	*off = sign * (h * 3600 + m * 60 + sec);
	/* what names a run can be said in one way only */
	return !colon && (*off == 0 || (seconds && sec == 0)) ? -1 : 0;
}

int
instant_parse(const char *s, int64_t *t, int *offp)
{
	struct civil c;
	int off;

	if (parse_start(&s, &c, true) < 0)
		return -1;
	if (skip(&s, ':') && ((c.sec = digits(&s, 2)) < 0 || c.sec > 59))
		return -1;
	if (skip(&s, '.')) {
		if (digits(&s, 1) < 0)
			return -1;
		while (*s >= '0' && *s <= '9')
			s++;
	}
	if (parse_zone(&s, &off, true) < 0 || *s)
		return -1;
	*t = civil_seconds(&c) - off;
	if (offp)
		*offp = off;
	return 0;
}

int
run_name_parse(const char *s, int64_t *t, int *offp, bool *manualp)
{
	struct civil c;
	bool manual;
	int off;

	if (parse_start(&s, &c, false) < 0)
		return -1;
	if (*s >= '0' && *s <= '9' &&
	    ((c.sec = digits(&s, 2)) < 1 || c.sec > 59))
		return -1;
	if (parse_zone(&s, &off, false) < 0)
		return -1;
	manual = *s;
	if (manual && !suffix_ok(s))
		return -1;
	if (t)
		*t = civil_seconds(&c) - off;
	if (offp)
		*offp = off;
	if (manualp)
		*manualp = manual;
	return 0;
}

const char *
run_name_suffix(const char *name)
{
	const char *z = strchr(name, 'Z');

	/* a zone, +0900, has no other sign behind it */
	name += strcspn(name, "T");
	name = z ? z : name + strcspn(name, "+-");
	return *name ? name + 1 + strcspn(name + 1, "-") : name;
}

bool
run_name_queues(const char *name)
{
	return !strstr(name, "-manual");
}
