/* slots: when a DAG falls due: all its schedules together, in its zone. */
#ifndef SLOTS_H
#define SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calslots.h"

struct buf;
struct rec;
struct tz;

struct slots {
	const struct tz *zone;
	struct rule *rule;
	size_t n;		/* schedules; 0: never due by itself */
	bool has_start;
	bool once;		/* @once without a start: see slots_seen */
	int64_t start, end;	/* the first and last instant that count */
	int64_t delay;		/* seconds */
	enum cron_gap gap;
	enum cron_overlap overlap;
	struct cal *cal;	/* NULL: every day */
	enum cal_shift shift;
};

/*
 * Takes what a dag record says of its schedule: schedule=, timezone=, start=,
 * end=, delay=, dst-gap=, dst-overlap=, calendar=, nth=, on-holiday=. 0; -1
 * with what is wrong in why (errno is set only if why is empty). slots_free
 * in any case.
 */
int slots_make(struct slots *, const struct rec *dag, struct buf *why);
/* the slots of no schedule, in a zone, to which slots_add adds */
int slots_init(struct slots *, const char *timezone, struct buf *why);
int slots_add(struct slots *, enum cron_dialect, const char *expr,
	struct buf *why);
void slots_free(struct slots *);

/* when the schedule was first seen: the slot of @once without a start */
void slots_seen(struct slots *, int64_t since);
/* the instant at which the run of a slot is due: by the clock, delay later */
int64_t slots_due(const struct slots *, int64_t t);
/* the last slot that is due at now: 0, or -1: there is none. In next, unless
 * NULL, when the first of the others will be; INT64_MAX: never */
int slots_newest(const struct slots *, int64_t now, int64_t *newest,
	int64_t *next);

/* is a slot beyond what its calendar knows? then nobody can say if it is one */
bool slots_beyond(const struct slots *, int64_t t);

/* the first slot after t, the last before t, within start and end; 0, -1 */
int slots_next(const struct slots *, int64_t t, int64_t *);
int slots_prev(const struct slots *, int64_t t, int64_t *);
/* the same, whatever start and end: the bounds of data intervals */
int slots_after(const struct slots *, int64_t t, int64_t *);
int slots_before(const struct slots *, int64_t t, int64_t *);

/*
 * Appends what tells one schedule from another: the schedule= values of a
 * dag record joined by " ; ", then " @ " and its timezone (key= in dags/DAG),
 * and what else decides at which instants it has slots.
 */
void slots_key(struct buf *, const struct rec *dag);

#endif
