/* period: a year, month, day or instant as people write them. */
#include <stdbool.h>
#include <string.h>

#include "buf.h"
#include "instant.h"
#include "period.h"
#include "tz.h"

/* reads two or four digits at *s, behind the separator unless it is 0 */
static bool
take(const char **s, char separator, int digits, int *v)
{
	const char *p = *s + (separator != '\0');

	if (separator && **s != separator)
		return false;
	for (*v = 0; digits > 0; digits--, p++) {
		if (*p < '0' || *p > '9')
			return false;
		*v = *v * 10 + (*p - '0');
	}
	*s = p;
	return true;
}

/*
 * The first and the last second that a text names, on the wall. How many of
 * its parts are given: 1 the year, 2 the month, 3 the day, 4 an instant; 0
 * it is wrong.
 */
static int
take_civil(const char *s, struct civil *a, struct civil *b)
{
	*a = (struct civil){.mon = 1, .day = 1};
	*b = (struct civil){.mon = 12, .day = 31, .hour = 23, .min = 59,
	    .sec = 59};
	if (!take(&s, 0, 4, &a->year))
		return 0;
	b->year = a->year;
	if (!*s)
		return 1;
	if (!take(&s, '-', 2, &a->mon) || a->mon < 1 || a->mon > 12)
		return 0;
	b->mon = a->mon;
	b->day = days_in_month(b->year, b->mon);
	if (!*s)
		return 2;
	if (!take(&s, '-', 2, &a->day) || a->day < 1 || a->day > b->day)
		return 0;
	b->day = a->day;
	if (!*s)
		return 3;
	if (!take(&s, 'T', 2, &a->hour) || !take(&s, ':', 2, &a->min) ||
	    (*s && !take(&s, ':', 2, &a->sec)))
		return 0;
	*b = *a;
	return *s || a->hour > 23 || a->min > 59 || a->sec > 59 ? 0 : 4;
}

int
period_parse(const struct tz *z, const char *s, int64_t *first,
    int64_t *last, struct buf *why)
{
	struct civil a, b;
	int64_t t[2];
	int parts, n;

	if (instant_parse(s, first, NULL) == 0) {
		*last = *first;
		return 0;
	}
	parts = take_civil(s, &a, &b);
	if (parts == 0) {
		buf_fmt(why, "\"%.60s\" is not a year, month, day or instant: "
		    "2025, 2025-03, 2025-03-01, 2025-03-01T02:00", s);
		return -1;
	}
	tz_instants(z, &a, t);
	*first = t[0];
	n = tz_instants(z, &b, t);
	if (n > 0)
		*last = t[n - 1];
	else
		*last = parts == 4 ? t[0] : t[0] - 1;
	return 0;
}
