/* offer: what a supervisor that is at work may do next, given to it ahead. */
#include <stdlib.h>
#include <string.h>

#include "offer.h"
#include "queuescan.h"

/* false: it is taken, as its reply will say */
static bool
withdraw(struct executor *x, struct slot *s)
{
	if (!supervisor_offer_end(s->offer, OFFER_NONE))
		return false;
	offer_back(x, s);
	return true;
}

/* what needs a slot of a pool is handed out singly, by who counts the slots */
static bool
pooled(const struct executor *x, unsigned group)
{
	return x->ready.group[group].pool[0];
}

static void
offer(struct slot *s, bool follows)
{
	memcpy(s->offer->file, s->next.file, strlen(s->next.file) + 1);
	s->came = false;
	s->offer->follows = follows;
	atomic_store(&s->offer->state, OFFER_MADE);
}

/*
 * What follows from the task that a slot has, if that is to be claimed before
 * all that is ready: it waits for nothing else, and its supervisor can go on
 * with it at once. It is looked for once a task: to look whenever another of
 * many has ended costs more than it saves.
 */
static void
offer_follower(struct executor *x, struct slot *s, const struct ready_task *t)
{
	struct ready_task next;

	if (s->looked)
		return;
	s->looked = true;
	if (pooled(x, s->group) ||
	    !settle_follower(&x->settle, s->file, &next))
		return;
	next.group = s->group;
	if ((t && !ready_before(&next, t)) ||
	    queue_paused(x, ready_dag(&x->ready, &next))) {
		free(next.file);
		return;
	}
	ready_out(&x->ready, s->group);
	s->next = next;
	offer(s, true);
}

void
offer_all(struct executor *x)
{
	const struct ready_task *t;
	struct slot *s;

	for (unsigned i = 0; i < x->nslot; i++) {
		s = &x->slot[i];
		if (!s->busy || s->next.file || !s->file[0])
			continue;
		t = ready_peek(&x->ready, clock_seconds());
		if (!t || pooled(x, t->group) ||
		    settle_before(&x->settle, s->file, t))
			offer_follower(x, s, t);
		else if (ready_next(&x->ready, clock_seconds(), &s->next))
			offer(s, false);
	}
}

void
offer_review(struct executor *x)
{
	for (struct slot *s = x->slot; s < x->slot + x->nslot; s++)
		if (s->next.file && ((s->came && s->offer->follows) ||
		    ready_overtaken(&x->ready, &s->next)))
			withdraw(x, s);
}

bool
offer_withdraw(struct executor *x)
{
	struct slot *first;

	do {
		first = NULL;
		for (struct slot *s = x->slot; s < x->slot + x->nslot; s++)
			if (s->next.file && !s->offer->follows &&
			    atomic_load(&s->offer->state) == OFFER_MADE &&
			    (!first || ready_before(&s->next, &first->next)))
				first = s;
	} while (first && !withdraw(x, first));
	return first != NULL;
}

void
offer_none(struct executor *x)
{
	for (unsigned i = 0; i < x->nslot; i++)
		if (x->slot[i].next.file)
			withdraw(x, &x->slot[i]);
}

bool
offer_any(const struct executor *x)
{
	for (unsigned i = 0; i < x->nslot; i++)
		if (x->slot[i].next.file)
			return true;
	return false;
}

void
offer_took(struct executor *x, struct slot *s)
{
	memcpy(s->file, s->next.file, strlen(s->next.file) + 1);
	s->group = s->next.group;
	s->freed = x->freed;
	s->busy = true;
	s->looked = false;
	free(s->next.file);
	s->next.file = NULL;
	atomic_store(&s->offer->state, OFFER_NONE);
}

/* if it was taken by one that died, and claimed, that is found */
void
offer_back(struct executor *x, struct slot *s)
{
	struct ready_task t = s->next;

	if (!t.file)
		return;
	s->next.file = NULL;
	atomic_store(&s->offer->state, OFFER_NONE);
	ready_back(&x->ready, t.group);
	if (!s->offer->follows) {
		x->rescan |= ready_return(&x->ready, t) < 0;
		return;
	}
	/* it may be ready since, which was not heard of while it was offered */
	queue_add(x, t.file, 0);
	free(t.file);
}

void
offer_end(struct executor *x, struct slot *s)
{
	offer_back(x, s);
	supervisor_offer_free(s->offer);
	s->offer = NULL;
}
