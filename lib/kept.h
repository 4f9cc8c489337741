/* kept: runs that were worked for lately, open. */
#ifndef KEPT_H
#define KEPT_H

#include "world.h"

enum { RUNS_KEPT = 16 };

struct kept {
	struct run run;		/* with its plan */
	struct world_run world;	/* dir NULL: not loaded */
	bool dirty;		/* moves in it wait for a sync */
	/* settle.c: tasks that seem decided; of many that are to be released
	 * those from that byte on */
	struct buf next, rest;
	size_t at;
	unsigned long used;	/* 0: none is here */
};

struct kept_runs {
	struct spool *spool;
	struct kept kept[RUNS_KEPT];
	unsigned long clock;
};

/*
 * The run of that name, opened if it is not; the one used longest ago of
 * those that are not dirty makes room. NULL and errno; EBUSY: all are dirty.
 */
struct kept *kept_get(struct kept_runs *, const char *dag, const char *run);
/* closes it */
void kept_drop(struct kept *);
void kept_free(struct kept_runs *);

#endif
