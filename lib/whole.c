/* whole: a look at all of a run: what it decides, its lists, its end. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assets.h"
#include "deadline.h"
#include "decide.h"
#include "gatefiles.h"
#include "mapping.h"
#include "hist.h"
#include "notify.h"
#include "planmap.h"
#include "revive.h"
#include "stop.h"
#include "trigger.h"
#include "whole.h"

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

/* how long a sensor looks is counted from when it is ready, whenever it is
 * looked at */
static int
note_ready(const struct run *r, const char *task, enum state from)
{
	int fd = marker_open(r, task, (struct instance){from, 0},
	    O_RDWR | O_APPEND), x, e;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	x = marker_event(fd, "ready", NULL, NULL) < 0 ? -1 : marker_due(fd, 0);
	e = errno;
	close(fd);
	errno = e;
	return x;
}

int
whole_apply(struct run *r, uint32_t task, enum state from, enum state to,
    bool *synced)
{
	const struct graph *g = &r->plan->graph;
	char name[TASK_LEN + 1];

	/* what it depends on must be on disk first; a root depends on none */
	if (g->upat[task] < g->upat[task + 1]) {
		if (!*synced && spool_sync(r->spool, r->fd) < 0)
			return -1;
		*synced = true;
	}
	plan_name(r->plan, task, name);
	if (to == STATE_READY &&
	    r->plan->task[planmap_of(r->plan, task)].keys & PLAN_SENSOR &&
	    note_ready(r, name, from) < 0)
		return -1;
	if (task_move(r, name, (struct instance){from, 0},
	    (struct instance){to, 0}) == 0)
		return 1;
	return errno == ENOENT || errno == EEXIST ? 0 : -1;
}

/* history, then the run's own state; the run is locked, all has ended; 1, or 0
 * what failed is tried again, -1 */
static int
end_run(struct run *r, const struct instance *inst)
{
	enum run_state state = decide_outcome(r->plan, inst);
	struct buf b = BUF_INIT;
	struct timespec ts[2];
	int x = state == RUN_FAILED ? revive_run(r, inst) : 0;

	if (x != 0)
		return x < 0 ? -1 : 0;
	x = -1;
	if (hist_of_run(r, state, &b) < 0 || spool_sync(r->spool, r->fd) < 0 ||
	    hist_append(r->spool, r->dag, &b) < 0 ||
	    notify_run(r, state, inst, 0) < 0)
		goto out;
	/* ls -l says when it ended, and dagq --archive looks at that */
	ts[0] = ts[1] = clock_now();
	utimensat(r->fd, "@active", ts, AT_SYMLINK_NOFOLLOW);
	/* should this be lost with a crash, the run is ended once more */
	x = run_move(r, RUN_ACTIVE, state);
	if (x == 0 || errno == ENOENT)
		x = 1;
	/* it has two states: that is for dagq --check to say, once */
	else if (errno == EEXIST)
		errno = EBADMSG;
out:
	buf_free(&b);
	return x;
}

/* a look at all of a run's tasks; the arrays are of plan->n, and more */
struct whole {
	struct run *r;
	struct view view;
	struct instance *inst;
	uint32_t *order;
	bool *open;		/* of each group */
	bool *fresh;		/* of each mapped task: its list is */
	bool synced;
	bool gave_up;		/* a task, on what it waited for */
	struct gate gate;	/* what other runs and files have to say */
};

enum { AGAIN = -2 };		/* there are other tasks now */

/* a task that could run, but for the files that it needs; of a mapped one each
 * instance has its own */
static int
await_files(struct whole *w, uint32_t t, enum state *s)
{
	const struct plan *p = w->r->plan;

	if (p->each && t < p->base && p->each[t])
		return 0;
	if (gatefiles(&w->gate, t, s) < 0)
		return -1;
	w->gate.closed |= *s == STATE_NONE;
	w->gave_up |= *s == STATE_FAILED;
	return 0;
}

/*
 * What is decided about a task. Before an instance is, and before the mapped
 * task itself is ready, its list is made, or made anew.
 */
static int
decide(struct whole *w, uint32_t t, enum state *s)
{
	const struct plan *p = w->r->plan;
	uint32_t of = planmap_of(p, t);
	int x = 0, others = 0, open = 1;

	if (p->keys & PLAN_GATED && ((others = gate_others(&w->gate, of)) < 0 ||
	    (open = gate_past(&w->gate, of)) < 0 ||
	    (open && (open = gate_child(&w->gate, t, w->inst[t])) < 0)))
		return -1;
	w->view.task = t;
	*s = planmap_gone(p, t) ? STATE_SKIPPED :
	    decide_task(in_memory, &w->view, p, t, t, (unsigned)others);
	w->gate.closed |= (*s == STATE_READY && !open) ||
	    (*s == STATE_NONE && others & TRIGGER_PENDING);
	if (*s == STATE_READY && !open)
		*s = STATE_NONE;
	if (*s == STATE_READY && p->task[of].keys & PLAN_NEEDS &&
	    await_files(w, t, s) < 0)
		return -1;
	if (!p->each || !p->each[of])
		return 0;
	w->view.task = of;
	if (w->inst[of].state == STATE_WAITING && !w->fresh[of] && open &&
	    decide_task(in_memory, &w->view, w->r->own, of, of,
	    (unsigned)others) == STATE_READY) {
		x = mapping_task(w->r, of);
		w->fresh[of] = true;
	}
	if (t == of && *s == STATE_READY)
		*s = STATE_SKIPPED;	/* there is no item */
	return x > 0 ? AGAIN : x;
}

/* may it be decided now? */
static bool
undecided(const struct whole *w, uint32_t t)
{
	enum state s = w->inst[t].state;

	return s == STATE_WAITING || ((s == STATE_HELD || s == STATE_READY) &&
	    planmap_gone(w->r->plan, t));
}

/* what its successes have produced is recorded before anything follows from
 * them; a mapped task produces as a whole */
static int
record_assets(struct whole *w)
{
	const struct plan *p = w->r->plan;
	int x = 0;

	if (!(p->keys & PLAN_PRODUCES))
		return 0;
	for (uint32_t t = 0; t < p->n && x == 0; t++)
		if (w->inst[t].state == STATE_SUCCESS &&
		    p->task[t].keys & PLAN_PRODUCES &&
		    !planmap_instance(p, t))
			x = assets_record(w->r, t);
	return x;
}

/* moves what can be decided; how many tasks have not ended then, AGAIN, or
 * -1 */
static int64_t
look_at_all(struct whole *w)
{
	struct run *r = w->r;
	uint32_t left = 0, t;
	bool joined = false;
	enum state s;
	int x;

	if (run_states(r, w->inst) < 0 || record_assets(w) < 0 ||
	    deadline_judge(r, w->inst) < 0 ||
	    (w->open && revive_groups(r, w->inst, w->open) < 0) ||
	    stop_judge(r, w->inst, w->open) < 0)
		return -1;
	w->synced = w->gave_up = false;
	w->gate = (struct gate){.run = r, .watch = r->watch};
	for (uint32_t i = 0; i < r->plan->n; i++) {
		t = w->order[i];
		if (undecided(w, t)) {
			x = decide(w, t, &s);
			if (x == 0 && s != STATE_NONE)
				x = whole_apply(r, t, w->inst[t].state, s,
				    &w->synced);
			if (x < 0)
				return x;
			if (x > 0)
				w->inst[t].state = s;
			joined |= x > 0 && s == STATE_SUCCESS;
		}
		left += !state_ended(w->inst[t].state);
	}
	if ((r->plan->keys & PLAN_GATED) && gate_note(&w->gate) < 0)
		return -1;
	if (joined && record_assets(w) < 0)
		return -1;
	/* that may decide about others */
	return w->gave_up ? AGAIN : (int64_t)left;
}

/* the same, from the start, until there are no other tasks; then, if all have
 * ended, the run; 1 it has ended now, 0, AGAIN, -1 */
static int
look(struct run *r)
{
	const struct plan *p = r->plan;
	struct whole w = {
		.r = r,
		.inst = malloc(p->n * sizeof *w.inst),
		.order = graph_order(&p->graph),
		.open = p->again ? calloc(p->nagain, sizeof *w.open) : NULL,
		.fresh = p->each ? calloc(p->base, sizeof *w.fresh) : NULL,
	};
	int64_t left = -1;
	int x = w.inst && w.order && !p->again == !w.open &&
	    !p->each == !w.fresh ? 0 : -1;

	w.view = (struct view){p, w.inst, w.open, 0};
	/* once more for each time that the run is tried again */
	while (x == 0 && (left = look_at_all(&w)) == 0)
		x = end_run(r, w.inst);
	if (left < 0)
		x = (int)left;
	free(w.fresh);
	free(w.open);
	free(w.order);
	free(w.inst);
	return x;
}

int
whole_look(struct run *r)
{
	int x = r->own->each && (run_fresh(r) < 0 || mapping_finish(r) < 0) ?
	    -1 : AGAIN;

	while (x == AGAIN)
		x = look(r);
	return x;
}
