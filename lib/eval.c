/* eval: what follows from the states of tasks: releases, ends, admissions. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admit.h"
#include "deadline.h"
#include "decide.h"
#include "eval.h"
#include "fuse.h"
#include "glimpse.h"
#include "planmap.h"
#include "scope.h"
#include "stop.h"
#include "whole.h"

/* what has ended stays so while the run is locked: the last seen is known */
struct disk {
	struct run *run;
	uint32_t task;
	enum state state;	/* STATE_NONE: none was seen */
};

static enum state
on_disk(void *arg, uint32_t task)
{
	struct disk *d = arg;
	enum state s;

	if (d->state != STATE_NONE && d->task == task)
		return d->state;
	s = glimpse_now(d->run, task, STATE_SUCCESS);
	if (!state_ended(s))
		return STATE_NONE;
	d->task = task;
	return d->state = s;
}

/* once in a list is enough */
static void
add_line(struct buf *list, const struct run *r)
{
	struct buf line = BUF_INIT;

	buf_fmt(&line, "%s/%s\n", r->dag, r->name);
	if (line.err)
		list->err = line.err;
	else if (!strstr(buf_cstr(list), line.p))
		buf_add(list, line.p, line.n);
	buf_free(&line);
}

int
eval_run(struct run *r)
{
	int x;

	if (run_plan(r, NULL) < 0 || run_lock(r) < 0)
		return -1;
	r->stopped = false;
	switch (run_state(r)) {
	case RUN_ACTIVE:
		x = whole_look(r);
		break;
	case RUN_WAITING:
		x = deadline_waiting(r);
		break;
	default:
		x = 0;
	}
	run_unlock(r);
	if (x == 0 && r->spool->cancelled && stop_cancels(r))
		add_line(r->spool->cancelled, r);
	if (x == 1)
		x = fuse_check(r) < 0 ? -1 : eval_admit(r->spool, r->dag);
	return x < 0 ? -1 : 0;
}

bool
eval_stands(struct run *r, uint32_t task)
{
	const struct plan *p = r->plan;
	struct disk d = {r, 0, STATE_NONE};

	return (p->keys & PLAN_GATED && p->task[task].when != 0) ||
	    decide_task(on_disk, &d, p, task, task, 0) == STATE_READY;
}

int
eval_recall(struct run *r, uint32_t task)
{
	char name[TASK_LEN + 1];
	int x = 0;

	if (run_lock(r) < 0)
		return -1;
	plan_name(r->plan, task, name);
	if (!eval_stands(r, task) && task_move(r, name,
	    (struct instance){STATE_READY, 0},
	    (struct instance){STATE_WAITING, 0}) < 0 && errno != ENOENT)
		x = -1;
	run_unlock(r);
	return x < 0 ? -1 : eval_run(r);
}

/* are tasks of this run such that all of it has to be looked at? */
static bool
whole(const struct run *r, uint32_t task)
{
	const struct plan *p = r->plan;

	return p->again || planmap_instance(p, task) ||
	    scope_binds(p, task) ||
	    planmap_unlisted(p, task) || (p->each && p->each[task] &&
	    !planmap_joint(p, task));
}

/* decides about one task, of a locked run, and moves it; one that ends by it
 * is added to todo */
static int
settle(struct disk *d, uint32_t task, uint32_t from, struct buf *todo,
    bool *released)
{
	struct run *r = d->run;
	enum state s = decide_task(on_disk, d, r->plan, task, from, 0);
	bool synced = true;
	int x = s == STATE_NONE ? 0 : whole_apply(r, task, STATE_WAITING, s,
	    &synced);

	if (x > 0 && state_ended(s))
		buf_add(todo, &task, sizeof task);
	else if (x > 0)
		*released = true;
	return x < 0 || todo->err ? -1 : 0;
}

/*
 * Decides about those in next, in order, each once, and about what comes after
 * those that end by it; the run is locked and synced.
 */
static int
follow(struct run *r, const uint32_t *next, size_t n, bool *released, bool *all)
{
	const struct graph *g = &r->plan->graph;
	struct disk d = {r, 0, STATE_NONE};
	struct buf todo = BUF_INIT;
	uint32_t t;
	int x = 0;

	for (size_t i = 0; i < n && x == 0; i++) {
		if (i > 0 && next[i] == next[i - 1])
			continue;
		if (whole(r, next[i]))
			*all = true;
		else
			x = settle(&d, next[i], next[i], &todo, released);
	}
	while (todo.n > 0 && x == 0) {
		todo.n -= sizeof t;
		memcpy(&t, todo.p + todo.n, sizeof t);
		*all |= scope_binds(r->plan, t);
		for (uint32_t e = g->downat[t]; e < g->downat[t + 1] && x == 0;
		    e++)
			if (whole(r, g->down[e]))
				*all = true;
			else
				x = settle(&d, g->down[e], t, &todo, released);
	}
	buf_free(&todo);
	return x;
}

/*
 * Might all tasks have ended, of which ended did just now? false is certain.
 * Remembers how far it saw: of those that nothing comes after, which mostly
 * end last, then of the others. Where it stopped is most often done the next
 * time, and what comes behind that as the one before it.
 */
static bool
maybe_ended(struct run *r, uint32_t ended)
{
	const struct graph *g = &r->plan->graph;
	uint32_t n = r->plan->n, t;
	enum state s = r->stuck && r->seen % n != ended ? STATE_SUCCESS :
	    STATE_RUNNING;

	for (; r->seen < 2 * n; r->seen++) {
		t = r->seen % n;
		if (decide_sink(g, t) != (r->seen < n) || t == ended)
			continue;
		s = glimpse_now(r, t, s);
		r->stuck = !state_ended(s);
		if (r->stuck)
			return false;
	}
	return true;
}

bool
eval_wide(const struct run *r, uint32_t task)
{
	/* a group is looked at as a whole, and so is its run; so is one in
	 * which other tasks than those after it go by its end */
	return r->plan->again || r->plan->keys & PLAN_WHOLE ||
	    scope_binds(r->plan, task);
}

int
eval_next(struct run *r, uint32_t task, enum state state, struct buf *next)
{
	const struct graph *g = &r->plan->graph;
	bool whole = eval_wide(r, task);
	struct glimpse seen;

	r->err = 0;
	glimpse_begin(&seen, r, task, state);
	if (whole)
		buf_add(next, &task, sizeof task);
	/* what cannot be decided now, who ends last will decide */
	for (uint32_t e = g->downat[task]; e < g->downat[task + 1] &&
	    !whole; e++)
		if (decide_task(glimpse_state, &seen, r->plan, g->down[e],
		    task, 0) != STATE_NONE)
			buf_add(next, &g->down[e], sizeof g->down[e]);
	errno = next->err ? next->err : r->err;
	return errno ? -1 : 0;
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x < y ? -1 : x > y;
}

const uint32_t *
eval_sort(struct buf *next)
{
	const uint32_t *list = (const uint32_t *)(const void *)next->p;
	size_t n = next->n / sizeof *list, sorted = 1;

	while (sorted < n && list[sorted - 1] <= list[sorted])
		sorted++;
	if (sorted < n)
		qsort(next->p, n, sizeof *list, by_number);
	return list;
}

int
eval_would(struct run *r, uint32_t task, struct buf *next)
{
	int x = eval_next(r, task, STATE_SUCCESS, next);

	if (r->ended)
		r->ended[task] = 0;
	return x;
}

/* ends the run if that may be, of one that is not locked */
static int
end_if_ended(struct run *r, uint32_t ended)
{
	if (!maybe_ended(r, ended))
		return 0;
	r->seen = 0;
	return eval_run(r);
}

enum { AWAY, KNOWN, ANEW };

/*
 * Locks and syncs a run. ANEW: all of it has to be looked at, as numbers of
 * instances may be others now, or its kind wants that. AWAY: it was taken away
 * meanwhile, and is let alone; then, and with -1, it is not locked.
 */
static int
take(struct run *r)
{
	int x;

	if (run_lock(r) < 0)
		return -1;
	x = spool_sync(r->spool, r->fd);
	if (x == 0)
		x = run_in_place(r) == 0 ? AWAY : KNOWN;
	if (x == KNOWN && ((x = run_fresh(r)) >= 0))
		x = x > 0 || r->plan->keys & PLAN_WHOLE ? ANEW : KNOWN;
	if (x < 0 || x == AWAY)
		run_unlock(r);
	return x;
}

int
eval_release(struct run *r, const uint32_t *next, size_t n)
{
	bool released = false, all = false;
	int x = take(r);

	if (x < 0 || x == AWAY)
		return x;
	all = x == ANEW;
	x = all ? 0 : follow(r, next, n, &released, &all);
	run_unlock(r);
	if (x == 0 && all)
		return eval_run(r) < 0 ? -1 : 1;
	return x == 0 && !released ? end_if_ended(r, UINT32_MAX) : x;
}

int
eval_begin(struct run *r, uint32_t task)
{
	struct disk d = {r, 0, STATE_NONE};
	int x;

	if (r->plan->task[task].keys & PLAN_SENSOR)
		return 0;
	x = take(r);
	if (x < 0 || x == AWAY)
		return x;
	if (x == KNOWN && !whole(r, task) && decide_task(on_disk, &d, r->plan,
	    task, task, 0) == STATE_READY)
		return 1;
	run_unlock(r);
	return 0;
}

int
eval_end(struct run *r, uint32_t task)
{
	return decide_sink(&r->plan->graph, task) ? end_if_ended(r, task) : 0;
}

int
eval_after(struct run *r, uint32_t task)
{
	struct buf next = BUF_INIT;
	int x;

	if (r->plan->keys & PLAN_ON_FAILURE)
		return eval_run(r);
	x = eval_next(r, task, STATE_NONE, &next);
	if (x == 0)
		x = next.n > 0 ? eval_release(r, eval_sort(&next), next.n /
		    sizeof task) : eval_end(r, task);
	buf_free(&next);
	return x < 0 ? -1 : 0;
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
			x = whole_look(&r);
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
			    (faccessat(r.fd, "@active", F_OK, 0) == 0 ||
			    faccessat(r.fd, "@waiting", F_OK, 0) == 0 ?
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
