/* due: which slots of a DAG are to be decided now, and how. */
#include <string.h>

#include "admit.h"
#include "buf.h"
#include "due.h"
#include "known.h"
#include "num.h"
#include "rec.h"
#include "slots.h"

static const char *const catchups[] = {"none", "last", "all", "merge", NULL};
static const char *const overlaps[] = {"queue", "skip", "latest", "cancel",
    NULL};

static const char covered[] =
    "the run of a later slot covers it (catchup = merge)";

static int
read_word(const struct rec *dag, const char *key, const char *const *word,
    int *choice, struct buf *why)
{
	const char *v = rec_get(dag, key);

	for (int i = 0; v && word[i]; i++)
		if (strcmp(v, word[i]) == 0) {
			*choice = i;
			return 0;
		}
	if (!v)
		return 0;
	buf_fmt(why, "%s: \"%.60s\" is none of its words", key, v);
	return -1;
}

static int
read_duration(const struct rec *dag, const char *key, int64_t *seconds,
    struct buf *why)
{
	const char *v = rec_get(dag, key);

	if (!v || dur_parse(v, seconds) == 0)
		return 0;
	buf_fmt(why, "%s: \"%.60s\" is not a duration such as 5m", key, v);
	return -1;
}

int
due_policy(struct due_policy *p, const struct rec *dag, struct buf *why)
{
	const char *runs = rec_get(dag, "max-active-runs");
	int catchup = CATCHUP_LAST, overlap = DUE_QUEUE;

	*p = (struct due_policy){.grace = 300, .window = INT64_MAX,
	    .runs = ACTIVE_RUNS};
	if (read_word(dag, "catchup", catchups, &catchup, why) < 0 ||
	    read_word(dag, "overlap", overlaps, &overlap, why) < 0 ||
	    read_duration(dag, "grace", &p->grace, why) < 0 ||
	    read_duration(dag, "catchup-window", &p->window, why) < 0)
		return -1;
	p->catchup = (enum due_catchup)catchup;
	p->overlap = (enum due_overlap)overlap;
	if (!runs || num_parse(runs, 1, 1000000, &p->runs) == 0)
		return 0;
	buf_fmt(why, "max-active-runs: \"%.60s\" is not a number", runs);
	return -1;
}

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

int64_t
due_from(const struct slots *s, const struct known *k)
{
	return count_from(s, k, false, 0);
}

static int64_t
age(const struct due *d, int64_t t)
{
	return d->now - slots_due(d->slots, t);
}

/* the one slot that is to run, where only one is: the last, or of those that
 * are merged the last that is not decided */
static int64_t
choose(const struct due *d)
{
	int64_t t = d->newest;

	while (d->policy.catchup == CATCHUP_MERGE && t > d->at &&
	    known_decided(d->known, t))
		if (slots_prev(d->slots, t, &t) < 0)
			break;
	return t;
}

void
due_begin(struct due *d, const struct due_policy *p, bool unseen,
    const struct slots *s, const struct known *k, int64_t active,
    int64_t now)
{
	memset(d, 0, offsetof(struct due, ring));
	d->policy = *p;
	d->slots = s;
	d->known = k;
	d->now = now;
	d->first = INT64_MIN;
	d->taken = true;
	d->room = p->overlap == DUE_SKIP || p->overlap == DUE_LATEST ?
	    p->runs - active : INT64_MAX;
	d->at = count_from(s, k, unseen, now);
	d->end = slots_newest(s, now, &d->newest, &d->wake) < 0 ||
	    k->paused || d->newest <= d->at;
	if (!d->end)
		d->chosen = choose(d);
}

/* which slots run is a matter of one only? */
static bool
only_one(const struct due *d)
{
	return d->policy.catchup == CATCHUP_LAST ||
	    d->policy.catchup == CATCHUP_MERGE ||
	    (d->policy.catchup == CATCHUP_ALL &&
	    d->policy.overlap >= DUE_LATEST);
}

static const char *
reason_of_one(const struct due *d)
{
	switch (d->policy.catchup) {
	case CATCHUP_MERGE:
		return covered;
	case CATCHUP_ALL:
		return d->policy.overlap == DUE_LATEST ?
		    "a later slot was due (overlap = latest)" :
		    "a later slot was due (overlap = cancel)";
	default:
		return "a later slot was due (catchup = last)";
	}
}

/* why a slot that is not decided is passed over; NULL: it becomes a run */
static const char *
pass_over(struct due *d, int64_t t)
{
	if (slots_beyond(d->slots, t))
		return "beyond the last date of its calendar";
	if (age(d, t) > d->policy.window)
		return "older than its catchup-window";
	if (only_one(d) && t != d->chosen)
		return reason_of_one(d);
	if (d->policy.catchup == CATCHUP_NONE && age(d, t) > d->policy.grace)
		return "later than its grace (catchup = none)";
	if (d->policy.overlap == DUE_SKIP && d->room <= 0)
		return "earlier runs had not ended (overlap = skip)";
	return NULL;
}

/* remembers a missed slot; what does not fit any more joins the range */
static void
push(struct due *d, int64_t t)
{
	int64_t oldest = d->ring[d->head];

	if (d->reason == covered && d->first == INT64_MIN)
		d->first = t;
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
	*item = (struct due_item){.kind = DUE_MISSED, .text = d->reason};
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
	item->time = item->to = item->first = d->run;
	if (d->first != INT64_MIN)
		item->first = d->first;
	d->first = INT64_MIN;
	item->text = age(d, d->run) <= d->policy.grace ? "schedule" :
	    "catchup";
	return true;
}

/* takes the slot looked at; false: what waits has to be handed out before */
static bool
take(struct due *d)
{
	const char *reason;

	if (known_decided(d->known, d->at)) {
		d->flush = true;
		return true;
	}
	/* what is merged is told with its run, and not before */
	if (d->policy.catchup == CATCHUP_MERGE && d->room <= 0 &&
	    d->policy.overlap == DUE_LATEST) {
		d->held = d->flush = true;
		return true;
	}
	reason = pass_over(d, d->at);
	if (!reason && d->policy.overlap == DUE_LATEST && d->room <= 0) {
		d->held = d->flush = true;
		return true;
	}
	if (!reason) {
		d->room -= d->room != INT64_MAX;
		d->run = d->at;
		d->pending = d->flush = true;
		return true;
	}
	if ((d->n > 0 || d->range.count > 0) && reason != d->reason) {
		d->flush = true;
		return false;
	}
	d->reason = reason;
	push(d, d->at);
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
		if (d->taken && (slots_next(d->slots, d->at, &d->at) < 0 ||
		    d->at > d->newest)) {
			d->end = d->flush = true;
			continue;
		}
		d->taken = take(d);
	}
}
