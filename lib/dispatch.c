/* dispatch: orders to the supervisors of the slots, and their replies. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dispatch.h"
#include "offer.h"
#include "pool.h"
#include "queuescan.h"

enum {
	/* ms that a result may wait for company before it is synced, when all
	 * slots are busy: with something that follows from it, or nothing */
	SETTLE_NEXT = 20, SETTLE_LEAF = 200,
};

static void
trouble(struct executor *x, const char *what, const char *why)
{
	x->trouble(what, why, x->arg);
}

int
slots_start(struct executor *x)
{
	int e = 0;

	x->started = true;
	for (struct slot *s = x->slot; s < x->slot + x->nslot; s++) {
		if (s->sock >= 0)
			continue;
		*s = (struct slot){.sock = -1};
		s->pid = supervisor_start(x->spool, &s->sock, &s->ahead);
		if (s->pid < 0)
			e = errno;
	}
	errno = e;
	return e ? -1 : 0;
}

void
slots_leave(struct executor *x, bool all)
{
	static const struct supervisor_order leave = {.kind = ORDER_LEAVE};

	offer_none(x);
	for (unsigned i = 0; i < x->nslot; i++)
		if (x->slot[i].sock >= 0 && (all || !x->slot[i].busy) &&
		    send(x->slot[i].sock, &leave, sizeof leave,
		    MSG_NOSIGNAL) < 0) {
			/* it is dead, or sees the end of the socket */
		}
}

void
slots_end(struct executor *x)
{
	for (unsigned i = 0; i < x->nslot; i++)
		if (x->slot[i].sock >= 0) {
			offer_end(x, &x->slot[i]);
			close(x->slot[i].sock);
		}
	/* idle ones leave at once */
	for (unsigned i = 0; i < x->nslot; i++)
		if (x->slot[i].pid > 0 && !x->slot[i].busy)
			waitpid(x->slot[i].pid, NULL, 0);
}

static bool
send_order(struct slot *s, int kind, const char *file)
{
	struct supervisor_order o = {.kind = kind};

	memcpy(o.file, file, strlen(file) + 1);
	/* one that died has the order as well: that it is dead, and the task
	 * has to be looked for, is seen when its socket is read */
	return send(s->sock, &o, sizeof o, MSG_NOSIGNAL) ==
	    (ssize_t)sizeof o || errno == EPIPE || errno == ECONNRESET;
}

/* a run has come: who is next to be given a task may open it now, before that
 * is ready; one at a time */
static void
expect(struct executor *x)
{
	struct slot *s = x->slot;

	while (s < x->slot + x->nslot && (s->busy || s->sock < 0))
		s++;
	if (s < x->slot + x->nslot && !s->expects)
		s->expects = send_order(s, ORDER_EXPECT, x->came);
	x->came[0] = '\0';
}

/*
 * No more of a pool is handed out than it has slots: of two supervisors that
 * raced for the last one the less urgent could win.
 */
static void
bound_pools(struct executor *x)
{
	struct ready_group *g;
	char name[NAME_LEN + 1];
	unsigned busy, held, own;

	for (size_t i = 0; i < x->ready.ngroup; i++) {
		g = &x->ready.group[i];
		g->bound = false;
		if (!g->pool[0] || g->n == 0 || g->full)
			continue;
		snprintf(name, sizeof name, "%.*s",
		    (int)strcspn(g->pool, ": "), g->pool);
		if (g->size == 0)
			pool_count(x->spool, name, &g->size, &held);
		busy = 0;
		for (unsigned k = 0; k < x->nslot; k++)
			busy += x->slot[k].file[0] ? ready_weight(x->ready.
			    group[x->slot[k].group].pool, name) : 0;
		own = ready_weight(g->pool, name);
		g->bound = busy > 0 && own <= g->size &&
		    busy + own > g->size;
		if (g->bound)
			memcpy(g->lacks, name, sizeof name);
	}
}

/* one of our supervisors died: what it had is lost; another takes its place */
static void
handle_death(struct executor *x, struct slot *s)
{
	struct slot old = *s;
	int status = 0;

	close(s->sock);
	while (waitpid(old.pid, &status, 0) < 0 && errno == EINTR)
		;
	if (old.file[0]) {
		nameset_remove(&x->handed, s->file);
		ready_back(&x->ready, old.group);
	}
	offer_end(x, s);
	*s = (struct slot){.sock = -1};
	if (WIFEXITED(status) && WEXITSTATUS(status) == SUPERVISOR_UNFIT) {
		trouble(x, "a supervisor", "it cannot start");
		queue_again(x, EAGAIN);
		return;
	}
	trouble(x, old.file[0] ? old.file : "a supervisor",
	    "its supervisor died");
	x->doubt = true;
	x->looks = DEATH_LOOKS;
}

/* gives every idle slot something to do */
static void
fill(struct executor *x)
{
	struct ready_task t;
	struct slot *s;

	for (unsigned i = 0; i < x->nslot; i++) {
		s = &x->slot[i];
		if (s->busy || s->sock < 0)
			continue;
		bound_pools(x);
		if (settle_urgent(&x->settle, &x->ready) ||
		    (!ready_next(&x->ready, clock_seconds(), &t) &&
		    !(offer_withdraw(x) &&
		    ready_next(&x->ready, clock_seconds(), &t))))
			return;
		memcpy(s->file, t.file, strlen(t.file) + 1);
		nameset_add(&x->handed, s->file);
		s->group = t.group;
		s->freed = x->freed;
		s->looked = false;
		s->downs.n = NOT_LOOKED;
		offer_began(s);
		s->expects = false;
		s->busy = send_order(s, ORDER_RUN, t.file);
		if (!s->busy) {
			queue_error(x, t.file, errno);
			nameset_remove(&x->handed, s->file);
			s->file[0] = '\0';
			ready_back(&x->ready, s->group);
		}
		free(t.file);
	}
}

static bool
active(const struct ready *r, const struct ready_task *t, void *arg)
{
	return !queue_paused(arg, ready_dag(r, t));
}

/* has a slot nothing to do? */
static bool
room(const struct executor *x)
{
	for (unsigned i = 0; i < x->nslot; i++)
		if (!x->slot[i].busy)
			return true;
	return false;
}

static void
dispatch(struct executor *x)
{
	bool calm;

	if (x->repaused) {
		x->repaused = false;
		offer_none(x);
		ready_prune(&x->ready, active, x);
	}
	offer_review(x);
	fill(x);
	offer_all(x);
	if (x->came[0])
		expect(x);
	calm = !room(x);
	for (unsigned i = 0; i < x->nslot; i++)
		if (x->slot[i].ahead)
			ahead_be_calm(x->slot[i].ahead, calm);
}

static void
told(const char *file, enum state state, void *arg)
{
	struct executor *x = arg;

	x->ran(file, state, x->arg);
}

/* settles what ended, or the first part of what follows: see settle.h */
static void
settle(struct executor *x)
{
	bool next = x->settle.next;

	if (x->settle.n > 0) {
		if (settle_commit(&x->settle, told, x) < 0)
			queue_error(x, "what follows", errno);
		else
			x->again_in = 0;
	}
	/* what is released comes before what is offered behind it */
	if (next)
		queue_events(x);
}

static void
settle_all(struct executor *x)
{
	do
		settle(x);
	while (x->settle.n > 0);
}

static void
handle_done(struct executor *x, const char *file, enum state state)
{
	int64_t by = clock_steady();
	int r;

	r = settle_add(&x->settle, file, state);
	if (r < 0 && errno == EBUSY) {
		settle_all(x);
		r = settle_add(&x->settle, file, state);
	}
	if (r < 0) {
		queue_error(x, file, errno);
		return;
	}
	by += x->settle.next ? SETTLE_NEXT : SETTLE_LEAF;
	if (x->settle.n == 1 || by < x->settle_by)
		x->settle_by = by;
}

/* nothing is kept for what wants more slots than there are */
static void
found_full(struct executor *x, unsigned group, const char *pool)
{
	char name[NAME_LEN + 1];

	ready_full(&x->ready, group, pool_short(x->spool,
	    x->ready.group[group].pool, name, NULL, NULL) ? "" : pool);
}

static void
handle_reply(struct executor *x, struct slot *s,
    const struct supervisor_reply *r)
{
	unsigned long freed = s->freed;
	unsigned group = s->group;
	char file[FILE_LEN];

	memcpy(file, s->file, sizeof file);
	if (file[0]) {
		nameset_remove(&x->handed, file);
		ready_back(&x->ready, group);
	}
	s->busy = false;
	s->file[0] = '\0';
	if (r->took) {
		offer_took(x, s);
		offer_began(s);
	} else
		offer_back(x, s);
	switch (r->kind) {
	case REPLY_DONE:
		x->untidy = true;
		ready_room(&x->ready, x->ready.group[group].pool);
		/* what waited may not wait any more */
		if (!state_ended(r->state))
			queue_add(x, file, 0);
		x->failed += r->state == STATE_FAILED;
		if (r->settled)
			told(file, r->state, x);
		else
			handle_done(x, file, r->state);
		break;
	case REPLY_GONE:
		/* or it has gone, and come back before we were told */
	case REPLY_LATER:
		queue_add(x, file, clock_seconds() + 1);
		break;
	case REPLY_FULL:
		/* unless a slot was given back since it asked */
		if (freed == x->freed)
			found_full(x, group, r->text);
		queue_add(x, file, 0);
		break;
	case REPLY_BAD:
		trouble(x, file, r->text);
		queue_refuse(x, file);
		break;
	case REPLY_ERROR:
		if (r->broken)
			x->error = r->error;
		queue_error(x, file, r->error);
		queue_add(x, file, clock_seconds() + 1);
		break;
	}
}

/* what it has replied, each time that we are awake: not all it says wakes us
 * up; false: nothing */
static bool
hear(struct executor *x, struct slot *s)
{
	const struct supervisor_reply *r;
	bool any = false;

	while (s->ahead && (r = ahead_reply(s->ahead))) {
		handle_reply(x, s, r);
		any = true;
	}
	return any;
}

void
slot_called(struct executor *x, struct slot *s)
{
	bool dead;
	ssize_t n;
	char c;

	while ((n = recv(s->sock, &c, sizeof c, MSG_DONTWAIT)) > 0)
		;
	dead = n == 0 || (errno != EAGAIN && errno != EINTR);
	hear(x, s);
	if (dead)
		handle_death(x, s);
}

static bool
hear_all(struct executor *x)
{
	bool any = false;

	for (unsigned i = 0; i < x->nslot; i++)
		any |= hear(x, &x->slot[i]);
	return any;
}

bool
dispatch_open(const struct executor *x)
{
	return room(x) || offer_any(x);
}

/* how long what ended may wait for company, in ms, -1: there is none */
static int
settle_patience(const struct executor *x)
{
	int64_t left = x->settle_by - clock_steady();

	return x->settle.n == 0 ? -1 : left > 0 ? (int)left : 0;
}

int
dispatch_patience(const struct executor *x)
{
	int settle = settle_patience(x), offers = offer_patience(x);

	return settle < 0 || (offers >= 0 && offers < settle) ? offers :
	    settle;
}

void
dispatch_stop(struct executor *x)
{
	offer_none(x);
	hear_all(x);
	settle_all(x);
}

bool
dispatch_all(struct executor *x)
{
	hear_all(x);
	if (settle_urgent(&x->settle, &x->ready))
		settle(x);
	if (dispatch_open(x))
		queue_events(x);
	dispatch(x);
	if (settle_urgent(&x->settle, &x->ready))
		return true;
	if (x->settle.n == 0 || (x->spool->durable && !room(x) &&
	    settle_patience(x) > 0))
		return hear_all(x);
	settle(x);
	return true;
}
