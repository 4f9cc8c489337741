/* calslots: the slots that a calendar leaves, or moves to other days. */
#ifndef CALSLOTS_H
#define CALSLOTS_H

#include "cal.h"
#include "rule.h"

/* what becomes of a slot on a day that the calendar does not have */
enum cal_shift { SHIFT_SKIP, SHIFT_BEFORE, SHIFT_AFTER };

struct calslots {
	const struct tz *zone;	/* whose days they are */
	const struct rule *rule;
	size_t n;
	const struct cal *cal;
	enum cal_shift shift;
};

/*
 * The first slot after t, the last before t; 0, -1. What is beyond the last
 * day that the calendar knows is left as the rules have it.
 */
int calslots_after(const struct calslots *, int64_t t, int64_t *);
int calslots_before(const struct calslots *, int64_t t, int64_t *);
/* is a slot beyond that day? */
bool calslots_beyond(const struct calslots *, int64_t t);

#endif
