/* seen: writes dags/DAG: since when a schedule is known; paused or not. */
#ifndef SEEN_H
#define SEEN_H

#include <stdbool.h>

#include "rec.h"
#include "spool.h"

/*
 * Writes down that the schedule of this dag record is known from now on,
 * unless it is known already; runs/DAG is locked. 1 it was new, 0, -1 errno.
 */
int seen_schedule(struct spool *, const struct rec *dag);
/*
 * Pauses or resumes a DAG, and why (or NULL). before: what it was when that
 * was asked for. 1 it is so now; 0 it was so before, or it was as is wanted and
 * somebody has made it otherwise since: nothing is changed, and *now, unless
 * NULL, says how it is. -1 and errno
 */
int seen_pause(struct spool *, const char *dag, bool paused, bool before,
	const char *note, bool *now);
struct known;
/* writes dags/DAG anew as it is known, so that nothing else is in it; synced.
 * -1 and errno */
int seen_write(struct spool *, const char *dag, const struct known *);

#endif
