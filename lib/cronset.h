/* cronset: a cron expression as sets; the days of a month it matches. */
#ifndef CRONSET_H
#define CRONSET_H

#include <stdbool.h>
#include <stdint.h>

enum { CRON_YEAR_MIN = 1970, CRON_YEAR_MAX = 2099 };

/* what becomes of times that the clock skips, or shows twice; *_CRONIE: as
 * cronie's cron(8) does, which depends on wild */
enum cron_gap { GAP_CRONIE, GAP_RUN, GAP_SKIP };
enum cron_overlap { OVERLAP_CRONIE, OVERLAP_FIRST, OVERLAP_SECOND,
	OVERLAP_BOTH };

/* sets are bits; those of days of the month begin at bit 1, the rest at 0 */
struct cron {
	uint64_t minute;
	uint32_t hour;
	uint32_t month;		/* bits 1 to 12 */
	uint32_t dom;
	uint32_t dom_near;	/* nW: the weekday nearest to day n */
	uint32_t last;		/* bit n: n days before the last (L, L-n) */
	uint32_t last_near;	/* bit n: the weekday nearest to that (LW) */
	uint32_t dow;		/* bits 0, Sunday, to 6 */
	uint8_t nth[7];		/* per day of week: bits 1 to 5, d#n; 0: dL */
	uint64_t year[3];	/* since CRON_YEAR_MIN; used if has_year */
	bool has_year;
	bool dom_star, dow_star;
	bool both_days;		/* dom and dow must match, not one of them */
	bool wild;		/* minute or hour begins with a star */
	int every;		/* not 0: instead of all sets, the minutes of
				 * each day that are multiples of it */
	enum cron_gap gap;
	enum cron_overlap overlap;
};

/* the days of a month that match, as bits 1 to 31 */
uint32_t cron_days(const struct cron *, int year, int mon);

#endif
