/* cal: the days that a DAG's calendars leave it. */
#ifndef CAL_H
#define CAL_H

#include <stdbool.h>
#include <stdint.h>

#include "calfile.h"

struct buf;

struct cal {
	struct calfile days;
	int64_t until;		/* the last day known; INT64_MAX: all are */
};

/*
 * The days of "NAME -NAME …": names unite, "-" takes away (from all days, if
 * it comes first). Of each month only those that nth, unless NULL, lists: 1,
 * 2 …, or from the end: last, -2 …. Malloc'ed; NULL and in why what is wrong.
 */
struct cal *cal_load(const char *words, const char *nth, struct buf *why);
bool cal_has(const struct cal *, int64_t day);
/* the next day in it after, the last before a day; INT64_MAX, MIN: none */
int64_t cal_after(const struct cal *, int64_t day);
int64_t cal_before(const struct cal *, int64_t day);
/* is nth a list that cal_load takes? */
bool cal_nth_ok(const char *nth);

#endif
