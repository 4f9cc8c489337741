/* pace: how many runs a backfill may make now. */
#ifndef PACE_H
#define PACE_H

#include "backfills.h"

struct tz;

/* what it is measured by */
struct pace {
	struct spool *spool;
	const struct tz *zone;
	int64_t now;
	int64_t runs;		/* the DAG's max-active-runs */
	const struct run_entry *live;	/* those that have not ended */
	size_t nlive;
	int64_t due;		/* runs that the schedule makes in this pass */
};

/*
 * How many; if none, in why what keeps it (a constant), and in wake when to
 * ask again, INT64_MAX: when a run ends. -1 and errno.
 */
int64_t pace_room(const struct pace *, const struct backfills_part *,
	const char **why, int64_t *wake);

/* how many of its runs have failed, as stop-after counts them; -1 and errno */
int64_t pace_failed(struct spool *, const struct backfills_part *);

#endif
