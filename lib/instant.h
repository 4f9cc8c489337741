/* instant: points in time and how they are written. UTC seconds; no zones. */
#ifndef INSTANT_H
#define INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { INSTANT_LEN = 40 };	/* room for any spelling, with its NUL */

/* a time of day on a calendar day, in no particular zone */
struct civil {
	int year, mon, day;	/* mon 1-12, day 1-31 */
	int hour, min, sec;
};

/* days from 1970-01-01 to a day of the proleptic Gregorian calendar */
int64_t civil_days(int year, int mon, int day);
/* seconds from 1970-01-01T00:00:00 to c, both in the same (any) zone */
int64_t civil_seconds(const struct civil *);
/* the reverse of civil_seconds */
void civil_from_seconds(struct civil *, int64_t);
int days_in_month(int year, int mon);
/* 0 Sunday to 6 Saturday, of a number of days since 1970-01-01 */
int weekday(int64_t days);

/* the time now: the real one, or DAG_NOW (taken at the program's start) and
 * what has passed since; DAG_NOW that is no instant: errno EINVAL, -1 */
int clock_init(void);
struct timespec clock_now(void);
/* like clock_now, in whole seconds, rounded down */
int64_t clock_seconds(void);
/* a clock that nobody sets, ms: for how long, never for when */
int64_t clock_steady(void);

/* RFC 3339, in a zone off seconds east of UTC; "Z" where off is 0 */
void instant_format(char [INSTANT_LEN], int64_t t, int off);
/* the same in UTC with milliseconds: for markers and logs */
void instant_format_ms(char [INSTANT_LEN], struct timespec);
/* a run's name: 2026-11-22T0200+0900, seconds only where not zero */
void instant_run_name(char [INSTANT_LEN], int64_t t, int off);
/* RFC 3339 with a zone (fractions are dropped); *off unless NULL; 0, or -1 */
int instant_parse(const char *, int64_t *t, int *off);
/*
 * Takes the name of a run apart: its instant, its offset, whether it is one of
 * no slot (-manual, -manual-2 …; -file-KEY, -on-N). The one check of run names.
 * 0, or -1: not a name of a run. t, off and manual may be NULL.
 */
int run_name_parse(const char *, int64_t *t, int *off, bool *manual);
/* what stands behind the instant of such a name, "" if nothing does */
const char *run_name_suffix(const char *);
/* does a run of that name wait for a place among max-active-runs? those that
 * were made by hand do not */
bool run_name_queues(const char *);

#endif
