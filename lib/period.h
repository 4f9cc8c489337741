/* period: a year, month, day or instant as people write them. */
#ifndef PERIOD_H
#define PERIOD_H

#include <stdint.h>

struct buf;
struct tz;

/*
 * Reads 2025, 2025-03, 2025-03-01, 2025-03-01T02:00[:00] (all in the zone)
 * or RFC 3339 with an offset: its first and its last second. A time that the
 * clock skips is the end of the gap; a day that it skips ends before it
 * begins. 0, or -1 and in why what is wrong.
 */
int period_parse(const struct tz *, const char *, int64_t *first,
	int64_t *last, struct buf *why);

#endif
