/* point: where a fault is to strike: one call of one program, and how. */
#ifndef POINT_H
#define POINT_H

#include "work.h"

enum mode { MODE_KILL, MODE_ERRNO, MODE_MEMORY, MODE_RECOVER };

struct point {
	const struct work *work;
	const struct kase *from;
	const char *half;	/* NULL, or the kill that left it half done */
	char at[64];
	bool kill;
	/* what the program is at there (or was, at both kills); how long that
	 * work is */
	unsigned long place;
	size_t calls;
};

struct points {
	struct point *point;
	size_t n, cap;
	size_t calls;	/* that these are of */
};

/*
 * Those of a log that preload.c wrote, each once (of a program that is run
 * several times the fault strikes in each run): each errno, once and for ever.
 * With changes those only whose call may change the spool: a kill before any
 * other leaves what the kill before the next of these leaves.
 */
void points_add(struct points *, enum mode, bool changes, char *log,
	const struct point *like);
/*
 * Of those where the same program is at the same, however often and in however
 * many works, and the same goes wrong, one is kept: of the shortest work.
 */
void points_choose(struct points *);

#endif
