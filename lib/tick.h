/* tick: the instants at which a cron expression falls due in a zone. */
#ifndef TICK_H
#define TICK_H

#include <stdint.h>

struct cron;
struct tz;

/*
 * The first instant strictly after t, the last strictly before t; 0, or -1
 * if there is none within 100 years. Changes of the clock are treated as
 * cronie's cron(8) does, see dagsched(1).
 */
int tick_next(const struct cron *, const struct tz *, int64_t t, int64_t *);
int tick_prev(const struct cron *, const struct tz *, int64_t t, int64_t *);

#endif
