/* cron: cron expressions: five fields, or @daily and the like, into sets. */
#ifndef CRON_H
#define CRON_H

#include "cronset.h"

struct buf;

enum cron_dialect {
	CRON_CRONTAB,		/* crontab(5) of cronie, and ? L W # a/b */
	CRON_QUARTZ,		/* seconds (0) first, 1 is Sunday, years */
	CRON_OOZIE,		/* five fields, 1 is Sunday */
	CRON_CRON4J,		/* crontab, both days must match */
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

#endif
