/* due: which slots of a DAG are to be decided now, and how. */
#include <string.h>

#include "buf.h"
#include "due.h"
#include "known.h"
#include "num.h"
#include "rec.h"
#include "slots.h"

static const char *const catchups[] = {"none", "last", "all"};
static const char reason_last[] = "a later slot was due (catchup = last)";
static const char reason_none[] = "later than its grace (catchup = none)";

bool
due_unseen(const struct rec *dag, const struct slots *s,
    const struct known *k)
{
	struct buf key = BUF_INIT;
	bool same;

	if (s->n == 0)
		return false;
	slots_key(&key, dag);
	same = k->seen && k->key.n == key.n &&
	    memcmp(k->key.p, key.p, key.n) == 0;
	buf_free(&key);
	return !same;
}

/* the instant after which slots count */
static int64_t
count_from(const struct slots *s, const struct known *k, bool unseen,
    int64_t now)
{
	int64_t start = s->has_start ? s->start - 1 : INT64_MIN;

	if (unseen && (k->seen || !s->has_start))
		return now;
	if (unseen || (s->has_start && k->first))
		return start;
	/* @once is due when it is seen, the others behind that */
	return start > k->since ? start : k->since - s->once;
}

int
due_begin(struct due *d, const struct rec *dag, const struct slots *s,
    const struct known *k, int64_t now, struct buf *why)
{
	const char *catchup = rec_get(dag, "catchup");
	const char *grace = rec_get(dag, "grace");
	int i = CATCHUP_LAST;

	memset(d, 0, sizeof *d);
	d->slots = s;
	d->known = k;
	d->now = now;
	for (i = 0; catchup && i < 3 && strcmp(catchup, catchups[i]); i++)
		;
	if (i == 3) {
		buf_fmt(why, "catchup: \"%.60s\" is not none, last or all",
		    catchup);
		return -1;
	}
	d->catchup = catchup ? (enum due_catchup)i : CATCHUP_LAST;
	d->grace = 300;
	if (grace && dur_parse(grace, &d->grace) < 0) {
		buf_fmt(why, "grace: \"%.60s\" is not a duration such as 5m",
		    grace);
		return -1;
	}
	d->at = count_from(s, k, due_unseen(dag, s, k), now);
	d->end = slots_newest(s, now, &d->newest, &d->wake) < 0 ||
	    k->paused || d->newest <= d->at;
	return 0;
}

static bool
in_grace(const struct due *d, int64_t t)
{
	return d->now - slots_due(d->slots, t) <= d->grace;
}

static bool
becomes_run(const struct due *d, int64_t t)
{
	switch (d->catchup) {
	case CATCHUP_ALL: return true;
	case CATCHUP_LAST: return t == d->newest;
	case CATCHUP_NONE: return in_grace(d, t);
	}
	return false;
}

static const char *
reason(const struct due *d)
{
	return d->catchup == CATCHUP_NONE ? reason_none : reason_last;
}

/* remembers a missed slot; what does not fit any more joins the range */
static void
push(struct due *d, int64_t t)
{
	int64_t oldest = d->ring[d->head];

	if (d->n < DUE_SINGLE) {
		d->ring[(d->head + d->n++) % DUE_SINGLE] = t;
		return;
	}
	if (d->range.count++ == 0)
		d->range.time = oldest;
	d->range.to = oldest;
	d->ring[d->head] = t;
	d->head = (d->head + 1) % DUE_SINGLE;
}

/* hands out what waits; false if nothing does any more */
static bool
pop(struct due *d, struct due_item *item)
{
	*item = (struct due_item){.kind = DUE_MISSED, .text = reason(d)};
	if (d->range.count > 0) {
		item->time = d->range.time;
		item->to = d->range.to;
		item->count = d->range.count;
		d->range.count = 0;
		return true;
	}
	item->count = 1;
	if (d->n > 0) {
		item->time = item->to = d->ring[d->head];
		d->head = (d->head + 1) % DUE_SINGLE;
		d->n--;
		return true;
	}
	if (!d->pending)
		return false;
	d->pending = false;
	item->kind = DUE_RUN;
	item->time = item->to = d->run;
	item->text = in_grace(d, d->run) ? "schedule" : "catchup";
	return true;
}

int
due_next(struct due *d, struct due_item *item)
{
	for (;;) {
		if (d->flush && pop(d, item))
			return 1;
		d->flush = false;
		if (d->end)
			return 0;
		if (slots_next(d->slots, d->at, &d->at) < 0 ||
		    d->at > d->newest) {
			d->end = d->flush = true;
			continue;
		}
		if (known_decided(d->known, d->at)) {
			d->flush = true;
		} else if (becomes_run(d, d->at)) {
			d->run = d->at;
			d->pending = d->flush = true;
		} else {
			push(d, d->at);
		}
	}
}
