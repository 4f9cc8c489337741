/* eval: what follows from the states of tasks: releases, ends, admissions. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admit.h"
#include "revive.h"
#include "eval.h"
#include "hist.h"
#include "glimpse.h"
#include "trigger.h"

enum state
eval_decide(enum state (*of)(void *, uint32_t), void *arg,
    const struct plan *p, uint32_t task, uint32_t from)
{
	static const enum state become[] = {
		[TRIGGER_WAIT] = STATE_NONE, [TRIGGER_RUN] = STATE_READY,
		[TRIGGER_SKIP] = STATE_SKIPPED,
		[TRIGGER_FAIL] = STATE_UPSTREAM_FAILED,
	};
	const uint32_t *up = p->graph.up + p->graph.upat[task];
	uint32_t n = p->graph.upat[task + 1] - p->graph.upat[task], first = 0;
	unsigned rule = p->task[task].when, seen = 0, bit;
	enum trigger_then then;
	enum state s;

	while (first < n && up[first] != from)
		first++;
	for (uint32_t i = 0; i < n; i++) {
		s = of(arg, up[(first + i) % n]);
		bit = s == STATE_NONE ? TRIGGER_PENDING :
		    1U << (s - STATE_SUCCESS);
		if (seen & bit)
			continue;
		seen |= bit;
		if (bit == TRIGGER_PENDING && from != task)
			break;
		/* that it is skipped a failure may still overrule */
		then = trigger_decide(rule, seen | TRIGGER_PENDING);
		if (then == TRIGGER_RUN || then == TRIGGER_FAIL)
			return become[then];
	}
	return become[trigger_decide(rule, seen)];
}

static enum state
on_disk(void *arg, uint32_t task)
{
	return glimpse_now(arg, task, STATE_NONE);
}

/* all tasks of a run, as one of them sees them */
struct view {
	const struct plan *p;
	const struct instance *inst;
	const bool *open;	/* groups that may start again yet, or NULL */
	uint32_t task;		/* who looks */
};

static enum state
in_memory(void *arg, uint32_t task)
{
	const struct view *v = arg;
	uint32_t group = v->open ? v->p->again[task] : 0;

	if (group && v->open[group - 1] && v->p->again[v->task] != group)
		return STATE_NONE;
	return state_ended(v->inst[task].state) ? v->inst[task].state :
	    STATE_NONE;
}

/* moves a waiting task to what was decided; 1 it is so, 0 it was not
 * waiting, -1 */
static int
apply(struct run *r, uint32_t task, enum state to, bool *synced)
{
	const struct graph *g = &r->plan->graph;
	char name[TASK_LEN + 1];

	/* what it depends on must be on disk first; a root depends on none */
	if (g->upat[task] < g->upat[task + 1]) {
		if (!*synced && spool_sync(r->spool, r->fd) < 0)
			return -1;
		*synced = true;
	}
	if (task_move(r, plan_name(r->plan, task, name),
	    (struct instance){STATE_WAITING, 0},
	    (struct instance){to, 0}) == 0)
		return 1;
	return errno == ENOENT || errno == EEXIST ? 0 : -1;
}

/* is a task without downstreams? */
static bool
sink(const struct graph *g, uint32_t task)
{
	return g->downat[task] == g->downat[task + 1];
}

enum run_state
eval_outcome(const struct plan *p, const struct instance *inst)
{
	for (uint32_t t = 0; t < p->n; t++)
		if (sink(&p->graph, t) && (inst[t].state == STATE_FAILED ||
		    inst[t].state == STATE_UPSTREAM_FAILED))
			return RUN_FAILED;
	return RUN_SUCCESS;
}

/* history, then the run's own state; the run is locked, all has ended; 1, or 0
 * what failed is tried again, -1 */
static int
end_run(struct run *r, const struct instance *inst)
{
	enum run_state state = eval_outcome(r->plan, inst);
	struct buf b = BUF_INIT;
	struct timespec ts[2];
	int x = state == RUN_FAILED ? revive_run(r, inst) : 0;

	if (x != 0)
		return x < 0 ? -1 : 0;
	x = -1;
	if (hist_of_run(r, state, &b) < 0 || spool_sync(r->spool, r->fd) < 0 ||
	    hist_append(r->spool, r->dag, &b) < 0)
		goto out;
	/* ls -l says when it ended, and dagq --archive looks at that */
	ts[0] = ts[1] = clock_now();
	utimensat(r->fd, "@active", ts, AT_SYMLINK_NOFOLLOW);
	/* should this be lost with a crash, the run is ended once more */
	x = run_move(r, RUN_ACTIVE, state);
	if (x == 0 || errno == ENOENT)
		x = 1;
out:
	buf_free(&b);
	return x;
}

/* moves what can be decided; how many tasks have not ended then, or -1 */
static int64_t
look_at_all(struct run *r, struct instance *inst, const uint32_t *order,
    bool *open)
{
	struct view view = {r->plan, inst, open, 0};
	bool synced = false;
	uint32_t left = 0, t;
	enum state s;
	int x;

	if (run_states(r, inst) < 0 ||
	    (open && revive_groups(r, inst, open) < 0))
		return -1;
	for (uint32_t i = 0; i < r->plan->n; i++) {
		t = order[i];
		if (inst[t].state == STATE_WAITING) {
			view.task = t;
			s = eval_decide(in_memory, &view, r->plan, t, t);
			if (s != STATE_NONE && (x = apply(r, t, s,
			    &synced)) != 0) {
				if (x < 0)
					return -1;
				inst[t].state = s;
			}
		}
		left += !state_ended(inst[t].state);
	}
	return left;
}

/* looks at all of a locked, active run; 1 it has ended now, 0, -1 */
static int
eval_locked(struct run *r)
{
	struct instance *inst = malloc(r->plan->n * sizeof *inst);
	uint32_t *order = graph_order(&r->plan->graph);
	bool *open = r->plan->again ?
	    calloc(r->plan->nagain, sizeof *open) : NULL;
	int64_t left = -1;
	int x = inst && order && !r->plan->again == !open ? 0 : -1;

	/* once more for each time that the run is tried again */
	while (x == 0 && (left = look_at_all(r, inst, order, open)) == 0)
		x = end_run(r, inst);
	if (left < 0)
		x = -1;
	free(open);
	free(order);
	free(inst);
	return x;
}

int
eval_run(struct run *r)
{
	int x;

	if (run_plan(r, NULL) < 0 || run_lock(r) < 0)
		return -1;
	x = run_state(r) == RUN_ACTIVE ? eval_locked(r) : 0;
	run_unlock(r);
	if (x == 1)
		x = eval_admit(r->spool, r->dag);
	return x < 0 ? -1 : 0;
}

/* decides about one task, of a locked run, and moves it; one that ends by it
 * is added to todo */
static int
settle(struct run *r, uint32_t task, uint32_t from, struct buf *todo,
    bool *released)
{
	enum state s = eval_decide(on_disk, r, r->plan, task, from);
	bool synced = true;
	int x = s == STATE_NONE ? 0 : apply(r, task, s, &synced);

	if (x > 0 && state_ended(s))
		buf_add(todo, &task, sizeof task);
	else if (x > 0)
		*released = true;
	return x < 0 || todo->err ? -1 : 0;
}

/*
 * Decides about those in next, and about what comes after those that end by
 * it; the run is locked and synced.
 */
static int
follow(struct run *r, const struct buf *next, bool *released)
{
	const struct graph *g = &r->plan->graph;
	struct buf todo = BUF_INIT;
	uint32_t t;
	int x = 0;

	for (size_t at = 0; at < next->n && x == 0; at += sizeof t) {
		memcpy(&t, next->p + at, sizeof t);
		x = settle(r, t, t, &todo, released);
	}
	while (todo.n > 0 && x == 0) {
		todo.n -= sizeof t;
		memcpy(&t, todo.p + todo.n, sizeof t);
		for (uint32_t e = g->downat[t]; e < g->downat[t + 1] && x == 0;
		    e++)
			x = settle(r, g->down[e], t, &todo, released);
	}
	buf_free(&todo);
	return x;
}

/*
 * Might all tasks have ended? false is certain. Remembers how far it saw: of
 * those that nothing comes after, which mostly end last, then of the others.
 */
static bool
maybe_ended(struct run *r)
{
	const struct graph *g = &r->plan->graph;
	uint32_t n = r->plan->n, t;

	for (; r->seen < 2 * n; r->seen++) {
		t = r->seen % n;
		if (sink(g, t) == (r->seen < n) &&
		    glimpse_now(r, t, STATE_NONE) == STATE_NONE)
			return false;
	}
	return true;
}

int
eval_next(struct run *r, uint32_t task, enum state state, struct buf *next)
{
	const struct graph *g = &r->plan->graph;
	struct glimpse seen;

	r->err = 0;
	glimpse_begin(&seen, r, task, state);
	/* a group is looked at as a whole, and so is its run */
	if (r->plan->again)
		buf_add(next, &task, sizeof task);
	/* what cannot be decided now, who ends last will decide */
	for (uint32_t e = g->downat[task]; e < g->downat[task + 1] &&
	    !r->plan->again; e++)
		if (eval_decide(glimpse_state, &seen, r->plan, g->down[e],
		    task) != STATE_NONE)
			buf_add(next, &g->down[e], sizeof g->down[e]);
	errno = next->err ? next->err : r->err;
	return errno ? -1 : 0;
}

/* ends the run if that may be, of one that is not locked */
static int
end_if_ended(struct run *r)
{
	if (!maybe_ended(r))
		return 0;
	r->seen = 0;
	return eval_run(r);
}

int
eval_release(struct run *r, const struct buf *next)
{
	bool released = false;
	int x;

	if (r->plan->again)
		return spool_sync(r->spool, r->fd) < 0 ? -1 : eval_run(r);
	if (run_lock(r) < 0)
		return -1;
	x = spool_sync(r->spool, r->fd);
	if (x == 0)
		x = follow(r, next, &released);
	run_unlock(r);
	return x == 0 && !released ? end_if_ended(r) : x;
}

int
eval_end(struct run *r, uint32_t task)
{
	return sink(&r->plan->graph, task) ? end_if_ended(r) : 0;
}

int
eval_after(struct run *r, uint32_t task)
{
	struct buf next = BUF_INIT;
	int x = eval_next(r, task, STATE_NONE, &next);

	if (x == 0)
		x = next.n > 0 ? eval_release(r, &next) : eval_end(r, task);
	buf_free(&next);
	return x;
}

int
eval_admit_locked(struct spool *sp, const char *dag, int dirfd)
{
	char name[RUN_LEN + 1];
	struct run r;
	int x;

	while ((x = admit_next(sp, dag, dirfd, name)) == 1) {
		if (run_open(sp, dag, name, &r) < 0) {
			if (errno == ENOENT)
				continue;
			return -1;
		}
		x = run_plan(&r, NULL);
		/* its roots; its lock comes after that of runs/DAG */
		if (x == 0 && run_lock(&r) == 0) {
			x = eval_locked(&r);
			run_unlock(&r);
		}
		run_close(&r);
		if (x < 0)
			return -1;
	}
	return x;
}

int
eval_admit(struct spool *sp, const char *dag)
{
	int dir = dag_lock(sp, dag), x, e;

	if (dir < 0)
		return -1;
	x = eval_admit_locked(sp, dag, dir);
	e = errno;
	close(dir);
	errno = e;
	return x;
}

void
eval_changed(int dirfd)
{
	admit_touch(dirfd);
}

int
eval_all(struct spool *sp)
{
	struct names dags;
	struct run_entry *list;
	struct run r;
	int err = 0;
	size_t n;

	if (names_list(sp->fd, "runs", &dags) < 0)
		return -1;
	/* what is damaged, or fails, must not keep the others from going on */
	for (size_t i = 0; i < dags.n; i++) {
		if (!name_ok(dags.name[i], strlen(dags.name[i])))
			continue;
		if (eval_admit(sp, dags.name[i]) < 0 && !run_damaged(errno))
			err = errno;
		if (spool_runs(sp, dags.name[i], false, &list, &n) < 0) {
			err = run_damaged(errno) ? err : errno;
			continue;
		}
		for (size_t k = 0; k < n; k++) {
			if ((run_open(sp, dags.name[i], list[k].name, &r) < 0 ||
			    (faccessat(r.fd, "@active", F_OK, 0) == 0 ?
			    eval_run(&r) < 0 : errno != ENOENT)) &&
			    !run_damaged(errno))
				err = errno;
			run_close(&r);
		}
		free(list);
	}
	names_free(&dags);
	errno = err;
	return err ? -1 : 0;
}

void
eval_forget(void)
{
	admit_forget();
}
