/* tzrule: the POSIX TZ rule that ends a TZif file: EST5EDT,M3.2.0,M11.1.0 */
#ifndef TZRULE_H
#define TZRULE_H

#include <stdbool.h>
#include <stdint.h>

/* from at on the clock is off seconds east of UTC */
struct tz_change {
	int64_t at;
	int off;
};

struct tz_day {
	char kind;		/* 'M', 'J' or 'n' */
	int mon, week, day;	/* the last day 0-6 for M, else of the year */
	int time;		/* seconds after midnight, by the old offset */
};

struct tz_rule {
	int std_off, dst_off;	/* seconds east of UTC */
	bool dst;
	struct tz_day begin, end;	/* of daylight saving time */
};

/* reads a rule that ends at a newline; 0, or -1 if it is none */
int tz_rule_parse(struct tz_rule *, const char *);
/* the two changes of a year, in order */
void tz_rule_year(const struct tz_rule *, int year, struct tz_change [2]);

#endif
