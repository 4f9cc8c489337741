/* backfill: the slots of a stretch of the past that have no run yet. */
#ifndef BACKFILL_H
#define BACKFILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct known;
struct slots;

enum { BACKFILL_MAX = 1000000 };	/* slots at once */

struct backfill {
	int64_t from, to;	/* both included; none if from > to */
	int64_t beyond;		/* slots that no calendar knows any more */
	int64_t slots;		/* between them, with a run or without */
	int64_t *list;		/* those without, ascending */
	size_t n;
	/* besides those without a run: all, or (ascending) these */
	bool all;
	const int64_t *failed;
	size_t nfailed;
};

/*
 * Sets the bounds from "FROM..TO", or one period (period.h), in the zone of
 * the slots: clipped to their start and end and to now, each clip a line in
 * notes. 0; -1 and in notes what is wrong.
 */
int backfill_bounds(struct backfill *, const struct slots *,
	const char *period, int64_t now, struct buf *notes);
/*
 * Collects the slots that have no run; those recorded as missed are among
 * them. 0, or -1 and errno: ERANGE more than BACKFILL_MAX, ENOMEM.
 */
int backfill_collect(struct backfill *, const struct slots *,
	const struct known *);
/* keeps the first n of them, of reverse the last; 0: all */
void backfill_limit(struct backfill *, int64_t n, bool reverse);
void backfill_free(struct backfill *);

#endif
