/* filter: which runs and tasks are wanted. */
#ifndef FILTER_H
#define FILTER_H

#include "row.h"

struct filter {
	unsigned states;	/* of tasks, bits 1 << STATE; 0: any */
	bool timed;		/* only what went on in since..until */
	int64_t since, until;
	int64_t longer;		/* seconds: only what takes longer; 0: any */
	unsigned attempts;	/* tasks: as many at least */
};

/* is a task in one of the states? */
bool filter_state(const struct filter *, enum state);
/*
 * Does a line pass? Its states are not looked at. What has not begun went on
 * at its run's logical time.
 */
bool filter_row(const struct filter *, const struct row *);
/*
 * Reads an instant, a day, a month (in the zone of /etc/localtime) or a
 * duration (so long ago): its first second, or its last. -1, why says more.
 */
int filter_when(const char *, bool last, int64_t *, struct buf *why);

#endif
