/* tz: time zones: what a clock on the wall shows at an instant. */
#ifndef TZ_H
#define TZ_H

#include <stdint.h>

struct civil;
struct tz;

/* a stretch of time with one offset: begin <= t < end */
struct tz_span {
	int64_t begin, end;	/* INT64_MIN, INT64_MAX: no other offset */
	int off;		/* seconds east of UTC */
};

/*
 * A zone by its name in the tz database; NULL and "" are /etc/localtime (UTC
 * if there is none; never $TZ). Kept until the process ends, never freed.
 * NULL with errno: EINVAL no name of a zone, or no file of one; ENOENT
 * unknown; or what the system says.
 */
const struct tz *tz_load(const char *name);
/* is there such a zone? 0, or -1 and errno as tz_load */
int tz_check(const char *name);
/* the span that t is in */
struct tz_span tz_span(const struct tz *, int64_t t);
/* seconds east of UTC at t */
int tz_offset(const struct tz *, int64_t t);
/*
 * The instants at which the clock shows c, in order: 0, 1 or 2 of them in t.
 * 0: the time is skipped, and t[0] is the end of the gap it falls into.
 */
int tz_instants(const struct tz *, const struct civil *, int64_t t[2]);

#endif
