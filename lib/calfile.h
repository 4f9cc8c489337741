/* calfile: calendars as files: a date a line, include, exclude, weekly. */
#ifndef CALFILE_H
#define CALFILE_H

#include <stdint.h>

struct buf;

/* the years 1970 to 2199: day 0 is 1970-01-01 */
enum { CALFILE_DAYS = 84006, CALFILE_BYTES = CALFILE_DAYS / 8 + 1 };

struct calfile {
	uint8_t day[CALFILE_BYTES];	/* bits: those that it names */
	int64_t until;		/* the last day it speaks of; INT64_MAX: all */
};

/*
 * Adds to a calendar, or takes away from it, the days of the one of that name;
 * its until becomes the lesser of both. 0; -1 and in why what is wrong, with
 * file and line.
 */
int calfile_apply(struct calfile *, const char *name, int exclude,
	struct buf *why);
/*
 * Appends the directories where calendars are looked for, each with a
 * newline: those of $DAG_CALENDARS, then share/calendars near the program.
 */
void calfile_dirs(struct buf *);

#endif
