/* duty: one order of a supervisor: its task is claimed, run, and recorded. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "duty.h"
#include "eval.h"
#include "kill.h"
#include "stop.h"
#include "subdag.h"

/* what else of its run a failure ends, or whether another's ends this one that
 * is to be tried again; first our lock is let go: another may have failed as
 * well, and wait for us to end */
static int
end_others(struct attempt *a, struct run *r)
{
	int x;

	if (!(r->plan->keys & PLAN_ON_FAILURE))
		return 0;
	x = eval_run(r);
	if (x == 0 && stop_cancels(r)) {
		attempt_close(a);
		x = kill_running(r, "on-failure");
		if (x == 0 && r->plan->keys & PLAN_SUB)
			x = eval_run(r);
	}
	return x;
}

static int
run_attempt(struct duty *d, struct kept *k, struct outcome *o)
{
	struct attempt *a = &d->attempt;

	return k->run.plan->task[a->task].keys & PLAN_SUB ?
	    subdag_run(a, &k->world, o) :
	    attempt_run(a, &k->world, d->null, o);
}

/* one that has begun before may be ready since before what it comes after was
 * run anew: a retry, a next look */
static enum claim
claim(struct attempt *a, struct run *r, uint32_t task, struct buf *why)
{
	enum claim c = attempt_claim(a, r, task, STATE_READY, why);

	if (c != CLAIM_OK || a->written == 0 || eval_stands(r, task))
		return c;
	attempt_back(a);
	attempt_close(a);
	return eval_recall(r, task) < 0 ? CLAIM_ERROR : CLAIM_GONE;
}

static void
run_claimed(struct duty *d, struct kept *k, struct supervisor_reply *reply)
{
	struct attempt *a = &d->attempt;
	struct outcome o = {0};

	reply->kind = REPLY_DONE;
	if (run_attempt(d, k, &o) < 0 ||
	    ((o.state == STATE_FAILED || o.state == STATE_READY) &&
	    end_others(a, &k->run) < 0) ||
	    (state_ended(o.state) && eval_end(&k->run, a->task) < 0)) {
		reply->kind = REPLY_ERROR;
		reply->error = errno;
	}
	reply->state = o.state;
	/* it is in queue/ again: who claims it now wants its lock */
	if (o.state == STATE_READY)
		attempt_close(a);
}

static void
run_task(struct duty *d, struct kept *k, uint32_t task,
    struct supervisor_reply *reply)
{
	struct buf why = BUF_INIT;
	struct attempt *a = &d->attempt;

	switch (claim(a, &k->run, task, &why)) {
	case CLAIM_OK:
		run_claimed(d, k, reply);
		break;
	case CLAIM_GONE:
		reply->kind = REPLY_GONE;
		break;
	case CLAIM_LATER:
		reply->kind = REPLY_LATER;
		break;
	case CLAIM_FULL:
		reply->kind = REPLY_FULL;
		snprintf(reply->text, sizeof reply->text, "%s", a->pool.full);
		break;
	case CLAIM_BAD:
		reply->kind = REPLY_BAD;
		snprintf(reply->text, sizeof reply->text, "%.255s",
		    buf_cstr(&why));
		break;
	case CLAIM_ERROR:
	case CLAIM_LOST:
		reply->kind = REPLY_ERROR;
		reply->error = errno;
		break;
	}
	buf_free(&why);
}

/* a rerun may have changed its parameters */
static int
load_world(struct kept *k)
{
	if (k->world.dir && !world_run_fresh(&k->world, &k->run))
		world_run_free(&k->world);
	return k->world.dir ? 0 : world_run_load(&k->world, &k->run);
}

/* the run of that name, open and loaded; NULL and errno */
static struct kept *
load(struct duty *d, const char *dag, const char *run)
{
	struct kept *k = kept_get(&d->runs, dag, run);

	if (k && load_world(k) < 0) {
		int e = errno;

		kept_drop(k);
		errno = e;
		return NULL;
	}
	return k;
}

/* a task of that run: the run as we have it open, which may be another now;
 * NULL: there is none */
static struct kept *
try_task(struct duty *d, const char *dag, const char *run,
    const char *task, struct supervisor_reply *reply)
{
	struct kept *k = load(d, dag, run);
	int64_t t;

	if (k && run_fresh(&k->run) < 0) {
		int e = errno;

		kept_drop(k);
		k = NULL;
		errno = e;
	}
	reply->kind = REPLY_BAD;
	if (!k) {
		if (!run_damaged(errno))
			reply->kind = REPLY_ERROR;
		reply->error = errno;
		snprintf(reply->text, sizeof reply->text, "%s",
		    errno == ENOENT ? "there is no such run" :
		    "its run is damaged");
		return NULL;
	}
	t = plan_find(k->run.plan, task, strlen(task));
	if (t >= 0)
		run_task(d, k, (uint32_t)t, reply);
	else
		snprintf(reply->text, sizeof reply->text,
		    "its run has no such task");
	return k;
}

/* with the one that is claimed already */
static void
go_on(struct duty *d, struct supervisor_reply *reply)
{
	struct attempt *a = &d->attempt;
	struct kept *k;

	*a = d->next;
	d->claimed = false;
	k = kept_get(&d->runs, a->run->dag, a->run->name);
	if (k && load_world(k) == 0) {
		run_claimed(d, k, reply);
		return;
	}
	reply->kind = REPLY_ERROR;
	reply->error = errno;
	attempt_back(a);
	attempt_close(a);
}

void
duty_do(struct duty *d, const char *file, struct supervisor_reply *reply)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	struct kept *k;

	if (d->claimed) {
		go_on(d, reply);
		return;
	}
	if (queue_parse(file, dag, run, task) < 0) {
		reply->kind = REPLY_BAD;
		snprintf(reply->text, sizeof reply->text,
		    "not the name of a marker");
		return;
	}
	for (int look = 0; look < 2; look++) {
		k = try_task(d, dag, run, task, reply);
		if (!k || reply->kind == REPLY_DONE ||
		    reply->kind == REPLY_LATER || reply->kind == REPLY_FULL ||
		    run_in_place(&k->run) > 0)
			return;
		kept_drop(k);
	}
}

void
duty_expect(struct duty *d, const char *file)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	struct kept *k;

	if (queue_parse(file, dag, run, task) == 0 &&
	    (k = load(d, dag, run)) && attempt_expect(&k->run) < 0) {
		/* the attempt finds out, too */
	}
}

/* does nothing follow but that marker's task? */
static bool
alone(const struct run *r, const struct buf *next, const char *file)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], name[TASK_LEN + 1];
	uint32_t task;

	if (next->n != sizeof task || queue_parse(file, dag, run, name) < 0)
		return false;
	memcpy(&task, next->p, sizeof task);
	return plan_find(r->plan, name, strlen(name)) == task;
}

/* claims it where it waits, if it may begin; what is in the way of that is said
 * when it is claimed from queue/ */
static int
claim_next(struct duty *d, struct run *r, uint32_t task)
{
	struct buf why = BUF_INIT;
	enum claim c;
	int x = eval_begin(r, task);

	if (x <= 0)
		return x;
	c = attempt_claim(&d->next, r, task, STATE_WAITING, &why);
	run_unlock(r);
	buf_free(&why);
	d->claimed = c == CLAIM_OK;
	return c == CLAIM_LOST ? -1 : 0;
}

void
duty_settle(struct duty *d, const char *file, struct supervisor_reply *r)
{
	struct attempt *a = &d->attempt;
	struct buf next = BUF_INIT;
	int x = eval_next(a->run, a->task, r->state, &next);
	const uint32_t *list = eval_sort(&next);

	if (x == 0 && alone(a->run, &next, file))
		x = claim_next(d, a->run, *list);
	if (x == 0 && next.n > 0 && !d->claimed)
		x = eval_release(a->run, list, next.n / sizeof *list);
	r->settled = x >= 0 && next.n > 0;
	if (x < 0) {
		r->kind = REPLY_ERROR;
		r->error = errno;
	}
	buf_free(&next);
}

void
duty_drop(struct duty *d)
{
	if (!d->claimed)
		return;
	d->claimed = false;
	if (attempt_back(&d->next) < 0) {
		/* it is running, and nobody's: recovery finds it */
	}
	attempt_close(&d->next);
}
