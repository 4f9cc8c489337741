/* arrival: a schedule without slots: "file GLOB", a run for each new file. */
#ifndef ARRIVAL_H
#define ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

enum {
	ARRIVAL_KEY = 13,	/* bytes of a key, with its NUL */
	ARRIVAL_NONE = -1,	/* no time to settle */
};

struct arrival {
	char *own;		/* what the others point into */
	const char *glob;
	int64_t settle;		/* seconds that it has not changed for */
	const char *done;	/* what the name of its flag ends in, or NULL */
};

/* is a schedule= one of files? */
bool arrival_is(const char *schedule);
/* takes one apart; 0, or -1 and what is wrong in why. arrival_free */
int arrival_parse(struct arrival *, const char *schedule, struct buf *why);
void arrival_free(struct arrival *);
/*
 * What tells a file from all others, and from itself when it has changed: of
 * its path, when it was written, its size. It is part of the run's name.
 */
void arrival_key(char [ARRIVAL_KEY], const char *path, int64_t sec,
	int64_t nsec, int64_t size);

#endif
