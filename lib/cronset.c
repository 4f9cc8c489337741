/* cronset: a cron expression as sets; the days of a month it matches. */
#include "cronset.h"
#include "instant.h"

/* the weekday nearest to a day, within its month */
static int
nearest(int day, int len, int wday)
{
	if (wday == 6)
		return day > 1 ? day - 1 : day + 2;
	if (wday == 0)
		return day < len ? day + 1 : day - 2;
	return day;
}

static uint32_t
days_of_month(const struct cron *c, int len, int wday1)
{
	uint32_t set = c->dom;
	int day;

	if (!(c->dom_near | c->last | c->last_near))
		return set;
	for (int n = 0; n < len; n++) {
		day = len - n;
		if (c->last >> n & 1)
			set |= UINT32_C(1) << day;
		if (c->last_near >> n & 1)
			set |= UINT32_C(1) <<
			    nearest(day, len, (wday1 + day - 1) % 7);
		if (c->dom_near >> day & 1)
			set |= UINT32_C(1) <<
			    nearest(day, len, (wday1 + day - 1) % 7);
	}
	return set;
}

static uint32_t
days_of_week(const struct cron *c, int len, int wday1)
{
	const uint32_t weekly = 1 | 1 << 7 | 1 << 14 | 1 << 21 | 1 << 28;
	uint32_t set = 0;
	int day;

	for (int wday = 0; wday < 7; wday++) {
		day = 1 + (wday - wday1 + 7) % 7;
		if (c->dow >> wday & 1)
			set |= weekly << day;
		for (int n = 1; n <= 5; n++)
			if (c->nth[wday] >> n & 1 && day + 7 * (n - 1) <= len)
				set |= UINT32_C(1) << (day + 7 * (n - 1));
		if (c->nth[wday] & 1)
			set |= UINT32_C(1) << (day + (len - day) / 7 * 7);
	}
	return set;
}

uint32_t
cron_days(const struct cron *c, int year, int mon)
{
	int y = year - CRON_YEAR_MIN, len, wday1;
	uint32_t by_month, by_week, valid;

	if (!(c->month >> mon & 1))
		return 0;
	if (c->has_year && (y < 0 || year > CRON_YEAR_MAX ||
	    !(c->year[y / 64] >> y % 64 & 1)))
		return 0;
	len = days_in_month(year, mon);
	valid = (uint32_t)((UINT64_C(2) << len) - 2);
	wday1 = weekday(civil_days(year, mon, 1));
	by_month = days_of_month(c, len, wday1);
	by_week = days_of_week(c, len, wday1);
	if (c->dom_star || c->dow_star || c->both_days)
		return by_month & by_week & valid;
	return (by_month | by_week) & valid;
}
