/* tzrule: the POSIX TZ rule that ends a TZif file: EST5EDT,M3.2.0,M11.1.0 */
#include "instant.h"
#include "tzrule.h"

static bool
skip(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static bool
letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int
number(const char **s, int min, int max, int *v)
{
	const char *start = *s;

	for (*v = 0; **s >= '0' && **s <= '9' && *v <= max; (*s)++)
		*v = *v * 10 + (**s - '0');
	return *s == start || *v < min || *v > max ? -1 : 0;
}

/* the name of a zone: letters, or anything between < and > */
static int
skip_name(const char **s)
{
	const char *start = *s;

	if (skip(s, '<')) {
		while (**s != '>' && **s != '\n')
			(*s)++;
		return skip(s, '>') ? 0 : -1;
	}
	while (letter(**s))
		(*s)++;
	return *s == start ? -1 : 0;
}

/* [+-]hh[:mm[:ss]] in seconds; hh up to 167, as RFC 8536 allows in rules */
static int
read_time(const char **s, int *seconds)
{
	int sign = **s == '-' ? -1 : 1, h, m = 0, sec = 0;

	if (!skip(s, '-'))
		skip(s, '+');
	if (number(s, 0, 167, &h) < 0)
		return -1;
	if (skip(s, ':') && number(s, 0, 59, &m) < 0)
		return -1;
	if (skip(s, ':') && number(s, 0, 59, &sec) < 0)
		return -1;
	*seconds = sign * (h * 3600 + m * 60 + sec);
	return 0;
}

/* Mm.w.d, Jn or n, and /time */
static int
read_day(const char **s, struct tz_day *d)
{
	*d = (struct tz_day){.kind = 'n', .time = 7200};
	if (skip(s, 'M')) {
		d->kind = 'M';
		if (number(s, 1, 12, &d->mon) < 0 || !skip(s, '.') ||
		    number(s, 1, 5, &d->week) < 0 || !skip(s, '.') ||
		    number(s, 0, 6, &d->day) < 0)
			return -1;
	} else if (skip(s, 'J')) {
		d->kind = 'J';
		if (number(s, 1, 365, &d->day) < 0)
			return -1;
	} else if (number(s, 0, 365, &d->day) < 0) {
		return -1;
	}
	return skip(s, '/') ? read_time(s, &d->time) : 0;
}

int
tz_rule_parse(struct tz_rule *r, const char *s)
{
	*r = (struct tz_rule){0};
	if (skip_name(&s) < 0 || read_time(&s, &r->std_off) < 0)
		return -1;
	r->std_off = -r->std_off;
	if (*s == '\n')
		return 0;
	r->dst = true;
	r->dst_off = r->std_off + 3600;
	if (skip_name(&s) < 0)
		return -1;
	if (*s != ',') {
		if (read_time(&s, &r->dst_off) < 0)
			return -1;
		r->dst_off = -r->dst_off;
	}
	if (!skip(&s, ',') || read_day(&s, &r->begin) < 0 ||
	    !skip(&s, ',') || read_day(&s, &r->end) < 0 || *s != '\n')
		return -1;
	return 0;
}

/* the day's number since 1970 in a year */
static int64_t
day_of(const struct tz_day *d, int year)
{
	int64_t first = civil_days(year, 1, 1);
	bool leap = days_in_month(year, 2) == 29;
	int day;

	if (d->kind == 'n')
		return first + d->day;
	/* Jn never counts 29 February */
	if (d->kind == 'J')
		return first + d->day - 1 + (leap && d->day >= 60);
	first = civil_days(year, d->mon, 1);
	day = (d->day - weekday(first) + 7) % 7 + (d->week - 1) * 7;
	if (day >= days_in_month(year, d->mon))
		day -= 7;
	return first + day;
}

void
tz_rule_year(const struct tz_rule *r, int year, struct tz_change c[2])
{
	struct tz_change begin = {day_of(&r->begin, year) * 86400 +
	    r->begin.time - r->std_off, r->dst_off};
	struct tz_change end = {day_of(&r->end, year) * 86400 +
	    r->end.time - r->dst_off, r->std_off};
	bool south = end.at < begin.at;

	c[south] = begin;
	c[!south] = end;
}
