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
};

struct points {
	struct point *point;
	size_t n, cap;
	long some;	/* not 0: of what can go wrong at a call a part */
};

/*
 * Those of a log that preload.c wrote, each once (of a program that is run
 * several times the fault strikes in each run). With changes those only whose
 * call may change the spool: a kill before any other leaves what the kill
 * before the next of these leaves. With some a call fails with one errno, once
 * or for ever, and an allocation likewise: which, that number says.
 */
void points_add(struct points *, enum mode, bool changes, char *log,
	const struct point *like);

#endif
