/* offer: what a supervisor that is at work may do next, given to it ahead. */
#include <stdlib.h>
#include <string.h>

#include "offer.h"
#include "queuescan.h"

enum { FAST = 20, SLOW = 50 };	/* ms */

/* how many are offered to it */
static unsigned
count(const struct slot *s)
{
	return s->ahead ? s->ahead->n : 0;
}

static struct offered *
nth(struct slot *s, unsigned n)
{
	return &s->next[ahead_place(s->ahead, n)];
}

static bool
follows(const struct slot *s, unsigned n)
{
	return s->ahead->order[ahead_place(s->ahead, n)].follows;
}

/* one that its supervisor does not get */
static void
give_back(struct executor *x, struct ready_task t, bool followed)
{
	nameset_remove(&x->handed, t.file);
	ready_back(&x->ready, t.group);
	if (!followed) {
		x->rescan |= ready_return(&x->ready, t) < 0;
		return;
	}
	/* it may be ready since, which was not heard of while it was offered */
	queue_add(x, t.file, 0);
	free(t.file);
}

/* the last, down to so many; false: those are taken, as replies will say */
static bool
withdraw(struct executor *x, struct slot *s, unsigned to)
{
	struct ready_task t;
	bool followed;

	while (count(s) > to) {
		t = nth(s, count(s) - 1)->task;
		followed = follows(s, count(s) - 1);
		if (!ahead_withdraw(s->ahead))
			return false;
		give_back(x, t, followed);
		s->looked = true;
	}
	return true;
}

/* what needs a slot of a pool is handed out singly, by who counts the slots */
static bool
pooled(const struct executor *x, unsigned group)
{
	return x->ready.group[group].pool[0];
}

static void
offer(struct executor *x, struct slot *s, struct ready_task t, bool followed)
{
	/* without memory for it, it may be handed out twice: one is late */
	nameset_add(&x->handed, t.file);
	*nth(s, count(s)) = (struct offered){t, {.n = NOT_LOOKED}, false};
	s->looked = false;
	ahead_make(s->ahead, t.file, followed);
}

/* might something that follows from it be claimed before t? led: the only one
 * that does is next in line */
static bool
precedes(struct executor *x, const char *file, struct downs *d, bool led,
    const struct ready_task *t)
{
	if (d->n == NOT_LOOKED)
		d->n = settle_first(&x->settle, file, &d->first);
	return d->n < 0 || (d->n > (led ? 1 : 0) && ready_before(&d->first, t));
}

/* from what a slot has, and is offered? */
static bool
any_precedes(struct executor *x, struct slot *s, const struct ready_task *t)
{
	unsigned n = count(s);
	bool any = precedes(x, s->file, &s->downs, n > 0 && follows(s, 0), t);

	for (unsigned i = 0; i < n && !any; i++)
		any = precedes(x, nth(s, i)->task.file, &nth(s, i)->downs,
		    i + 1 < n && follows(s, i + 1), t);
	return any;
}

/*
 * What follows from the last task that a slot has, if that is to be claimed
 * before all that is ready: it waits for nothing else, and its supervisor can
 * go on with it at once. It is looked for once a task: to look whenever another
 * of many has ended costs more than it saves.
 */
static bool
offer_follower(struct executor *x, struct slot *s, const struct ready_task *t)
{
	unsigned n = count(s);
	unsigned group = n ? nth(s, n - 1)->task.group : s->group;
	struct ready_task next;

	if (s->looked)
		return false;
	s->looked = true;
	if (pooled(x, group) || !settle_follower(&x->settle, n ?
	    nth(s, n - 1)->task.file : s->file, &next))
		return false;
	next.group = group;
	if ((t && !ready_before(&next, t)) ||
	    (n > 0 && any_precedes(x, s, &next)) ||
	    queue_paused(x, ready_dag(&x->ready, &next))) {
		free(next.file);
		return false;
	}
	ready_out(&x->ready, group);
	offer(x, s, next, true);
	return true;
}

/* may it be behind that one, though another slot were free before? */
static bool
alike(const struct ready_task *a, const struct ready_task *b)
{
	return a->group == b->group && a->priority == b->priority &&
	    a->time == b->time;
}

static bool
offer_one(struct executor *x, struct slot *s)
{
	const struct ready_task *t = ready_peek(&x->ready, clock_seconds());
	struct ready_task next;
	unsigned n = count(s);

	if (settle_urgent(&x->settle, &x->ready))
		return false;
	if (!t || pooled(x, t->group) || any_precedes(x, s, t))
		return offer_follower(x, s, t);
	if ((n > 0 && !alike(&nth(s, n - 1)->task, t)) ||
	    !ready_next(&x->ready, clock_seconds(), &next))
		return false;
	offer(x, s, next, false);
	return true;
}

void
offer_all(struct executor *x)
{
	struct slot *s;
	bool any;

	/* in turn, so that they are begun as nearly in order as can be */
	do {
		any = false;
		for (s = x->slot; s < x->slot + x->nslot; s++)
			any |= s->busy && s->file[0] && count(s) < (s->fast ?
			    AHEAD : 1) && offer_one(x, s);
	} while (any);
}

/* is it to be withdrawn? What follows comes to queue/ before it is taken */
static bool
outdated(const struct executor *x, struct slot *s, unsigned n)
{
	return (nth(s, n)->came && follows(s, n) &&
	    !ahead_taken(s->ahead, n)) ||
	    ready_overtaken(&x->ready, &nth(s, n)->task);
}

void
offer_review(struct executor *x)
{
	int64_t now = clock_steady();
	unsigned n;

	for (struct slot *s = x->slot; s < x->slot + x->nslot; s++) {
		if (count(s) > 1 && now - s->since >= SLOW) {
			s->fast = false;
			withdraw(x, s, 1);
		}
		for (n = 0; n < count(s); n++)
			if (outdated(x, s, n))
				withdraw(x, s, n);
	}
}

int
offer_patience(const struct executor *x)
{
	int64_t now = clock_steady(), left, least = -1;

	for (const struct slot *s = x->slot; s < x->slot + x->nslot; s++) {
		if (count(s) < 2)
			continue;
		left = s->since + SLOW - now;
		if (least < 0 || left < least)
			least = left > 0 ? left : 0;
	}
	return (int)least;
}

bool
offer_withdraw(struct executor *x)
{
	bool any = false;
	unsigned n, to;

	for (struct slot *s = x->slot; s < x->slot + x->nslot; s++) {
		n = count(s);
		for (to = 0; to < n && follows(s, to); to++)
			;
		withdraw(x, s, to);
		any |= count(s) < n;
	}
	return any;
}

void
offer_none(struct executor *x)
{
	for (unsigned i = 0; i < x->nslot; i++)
		withdraw(x, &x->slot[i], 0);
}

bool
offer_any(const struct executor *x)
{
	for (const struct slot *s = x->slot; s < x->slot + x->nslot; s++)
		if (count(s) > 0)
			return true;
	return false;
}

void
offer_took(struct executor *x, struct slot *s)
{
	struct offered *o = nth(s, 0);

	nameset_remove(&x->handed, o->task.file);
	memcpy(s->file, o->task.file, strlen(o->task.file) + 1);
	nameset_add(&x->handed, s->file);
	s->group = o->task.group;
	s->downs = o->downs;
	s->freed = x->freed;
	s->busy = true;
	free(o->task.file);
	ahead_took(s->ahead);
}

void
offer_began(struct slot *s)
{
	int64_t now = clock_steady();

	s->fast = s->since && now - s->since < FAST;
	s->since = now;
}

/* if one was taken by who died, and claimed, that is found */
void
offer_back(struct executor *x, struct slot *s)
{
	unsigned n = count(s);

	if (n > 0)
		ahead_clear(s->ahead);
	while (n-- > 0)
		give_back(x, nth(s, n)->task, follows(s, n));
}

void
offer_end(struct executor *x, struct slot *s)
{
	offer_back(x, s);
	ahead_free(s->ahead);
	s->ahead = NULL;
}
