/* rule: one schedule: a cron expression, an interval, instants, or once. */
#ifndef RULE_H
#define RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cron.h"

struct buf;
struct tz;

enum rule_kind {
	RULE_CRON,		/* also intervals that begin at midnight */
	RULE_EVERY,		/* step seconds from an instant on */
	RULE_DAYS,		/* step days, at one time of day */
	RULE_AT,		/* instants */
	RULE_ONCE,		/* from */
};

struct rule {
	enum rule_kind kind;
	const struct tz *zone;
	struct cron cron;	/* of RULE_DAYS gap and overlap only */
	int64_t step;
	int64_t from;		/* INT64_MAX: not known, so never due */
	int64_t *at;		/* ascending */
	size_t n;
};

/*
 * Reads a schedule: "every 90m", "at" and instants, "@once", or an expression
 * of the dialect; before it TZ=ZONE, if not zone is meant. 0, or -1 and in why
 * (appended) what is wrong. rule_free in any case.
 */
int rule_parse(struct rule *, const struct tz *zone, enum cron_dialect,
	const char *text, struct buf *why);
/* says where an interval, or the one slot, begins */
void rule_start(struct rule *, int64_t start);
/* the same for an interval without a start: midnight. 0; -1, why: it cannot */
int rule_align(struct rule *, struct buf *why);
/* what is to become of times that are skipped or shown twice */
void rule_clock(struct rule *, enum cron_gap, enum cron_overlap);
void rule_free(struct rule *);

/* the first instant after t, the last before t; 0, or -1: there is none */
int rule_next(const struct rule *, int64_t t, int64_t *);
int rule_prev(const struct rule *, int64_t t, int64_t *);
/* the same, of several */
int rules_next(const struct rule *, size_t n, int64_t t, int64_t *);
int rules_prev(const struct rule *, size_t n, int64_t t, int64_t *);

#endif
