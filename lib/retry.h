/* retry: when a task that failed is tried, or a sensor looked at, again. */
#ifndef RETRY_H
#define RETRY_H

#include "attempt.h"

/* the instant of the next attempt, as retry-delay has it; 0: at once */
int64_t retry_at(const struct attempt *);
/*
 * When a sensor looks again, as poke and give-up have it; false: it has looked
 * long enough, and then *state says what becomes of it.
 */
bool poke_at(const struct attempt *, int64_t *at, enum state *state);

#endif
