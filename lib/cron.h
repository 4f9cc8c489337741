/* cron: cron expressions: five fields, or @daily and the like, as sets. */
#ifndef CRON_H
#define CRON_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

enum cron_dialect {
	CRON_CRONTAB,		/* crontab(5) of cronie, and ? L W # a/b */
	CRON_QUARTZ,		/* seconds (0) first, 1 is Sunday, a year last */
	CRON_OOZIE,		/* five fields, 1 is Sunday */
	CRON_CRON4J,		/* crontab, both days must match */
};

enum { CRON_YEAR_MIN = 1970, CRON_YEAR_MAX = 2099 };

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
	bool wild;		/* minute or hour begins with a star: cron.c */
};

/*
 * Reads an expression of crontab(5); 0, or -1 and in why (appended) which
 * field, what is wrong with it and what would be right. An expression that
 * can never match (30 February) is refused.
 */
int cron_parse(struct cron *, const char *expr, struct buf *why);
/* the same in a dialect */
int cron_parse_as(struct cron *, enum cron_dialect, const char *expr,
	struct buf *why);
/* the days of a month that match, as bits 1 to 31 */
uint32_t cron_days(const struct cron *, int year, int mon);

#endif
