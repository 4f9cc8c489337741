/* change: what operators do to tasks: rerun, mark, hold, release. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "change.h"
#include "child.h"
#include "eval.h"
#include "foreign.h"
#include "heldby.h"
#include "kill.h"
#include "param.h"
#include "planmap.h"
#include "reach.h"
#include "rec.h"
#include "revive.h"
#include "scope.h"
#include "who.h"

/* a change under way: the run and its DAG are locked */
struct work {
	const struct change *c;
	struct run *run;
	struct instance *inst;
	uint32_t *order;	/* upstream first */
	bool *chosen;
	const struct instance *before;
	bool *own;		/* copies, if the plan has changed */
	struct instance *ownbefore;
	bool dry;		/* only say it */
	int count;
};

static const char *const events[] = {"rerun", "mark", "hold", "release"};

/* writes what is done into a marker, which is due at once afterwards */
static int
note_event(struct work *w, const char *task, struct instance in)
{
	struct buf b = BUF_INIT;
	int fd = marker_open(w->run, task, in, O_RDWR | O_APPEND), x;
	const char *user = who_acts();

	if (fd < 0)
		return -1;
	if (w->c->verb == CHANGE_MARK)
		rec_put(&b, "state", state_name(w->c->mark));
	if (w->c->latest)
		rec_put(&b, "definition", "latest");
	if (w->c->force)
		rec_put(&b, "force", "yes");
	param_text(&b, w->c->param, w->c->nparam);
	rec_put(&b, "user", user);
	if (w->c->note)
		rec_put(&b, "note", w->c->note);
	x = marker_event(fd, events[w->c->verb], &b, NULL) > 0 ?
	    marker_due(fd, 0) : -1;
	buf_free(&b);
	close(fd);
	return x;
}

/* notes and moves one task; 1, 0 it was moved away meanwhile, -1 */
static int
move(struct work *w, uint32_t t, enum state to, bool note)
{
	struct instance from = w->inst[t], target = {to, 0};
	char name[TASK_LEN + 1];

	plan_name(w->run->plan, t, name);
	if (!w->dry && ((note && note_event(w, name, from) < 0) ||
	    task_move(w->run, name, from, target) < 0))
		return errno == ENOENT ? 0 : -1;
	w->inst[t] = target;
	return 1;
}

static void
told(struct work *w, uint32_t t, enum state from)
{
	char name[TASK_LEN + 1];

	w->count++;
	if (w->c->changed)
		w->c->changed(w->run, plan_name(w->run->plan, t, name), from,
		    w->c->arg);
}

/* drops one that was chosen, and says why */
static void
refuse(struct work *w, uint32_t t, const char *why)
{
	char name[TASK_LEN + 1];

	w->chosen[t] = false;
	if (w->c->refused)
		w->c->refused(w->run, plan_name(w->run->plan, t, name), why,
		    w->c->arg);
}

/* drops those that somebody else has changed */
static void
check_foreign(struct work *w)
{
	enum state to = w->c->verb == CHANGE_MARK ? w->c->mark : STATE_NONE,
	    was, is;
	char why[96];

	for (uint32_t t = 0; w->before && t < w->run->plan->n; t++) {
		was = w->before[t].state;
		is = w->inst[t].state;
		if (!w->chosen[t] || !foreign_change(to, was, is))
			continue;
		snprintf(why, sizeof why, "somebody else was first: it was "
		    "%s, now it is %s", state_name(was), is == STATE_NONE ?
		    "gone" : state_name(is));
		refuse(w, t, why);
	}
}

/*
 * What goes by a chosen task waits again: before the chosen ones move, so that
 * nothing begins after one that is run anew. Interrupted, all is decided as it
 * was. 0, -1.
 */
static int
revive(struct work *w)
{
	bool *again = reach_undone(w->run->plan, w->order, w->inst, w->chosen,
	    w->c->verb == CHANGE_MARK && w->c->mark == STATE_FAILED);
	char name[TASK_LEN + 1];
	bool queued = false;
	int x = again ? 0 : -1;
	enum state from;

	for (uint32_t t = 0; again && t < w->run->plan->n && x >= 0; t++) {
		from = w->inst[t].state;
		if (!again[t] || (x = move(w, t, STATE_WAITING, false)) <= 0)
			continue;
		queued |= from == STATE_READY;
		if (w->c->revived)
			w->c->revived(w->run, plan_name(w->run->plan, t, name),
			    from, w->c->arg);
	}
	free(again);
	return x < 0 || (queued && !w->dry &&
	    (spool_sync(w->run->spool, w->run->fd) < 0 ||
	    spool_sync(w->run->spool, w->run->spool->queue) < 0)) ? -1 : 0;
}

/* a run that had ended is active again, before anything in it moves: if that is
 * interrupted, who evaluates it ends it, and the same command does the rest */
static int
activate(struct work *w, int dirfd)
{
	enum run_state s = w->dry ? RUN_ACTIVE : run_state(w->run);
	bool any = false;

	for (uint32_t t = 0; t < w->run->plan->n && !any; t++)
		any = w->chosen[t];
	if (!any)
		return 0;
	if (s != RUN_SUCCESS && s != RUN_FAILED)
		return s == RUN_NONE ? -1 : s == RUN_ACTIVE && !w->dry &&
		    w->c->verb == CHANGE_RERUN ? revive_lift(w->run) : 0;
	/* on disk as well: an ended run has no task that has not */
	if (run_move(w->run, s, RUN_ACTIVE) < 0 ||
	    spool_sync(w->run->spool, w->run->fd) < 0 ||
	    revive_fresh(w->run) < 0)
		return -1;
	eval_changed(dirfd);
	return 0;
}

/* tasks that are new to the run are chosen too */
static int
choose_new(struct work *w)
{
	int x = 0;

	for (uint32_t t = 0; t < w->run->plan->n && x >= 0; t++) {
		if (w->chosen[t] || w->inst[t].state != STATE_HELD)
			continue;
		x = heldby(w->run, t);
		w->chosen[t] = x == HELDBY_NOBODY;
	}
	return x < 0 ? -1 : 0;
}

/* why a task cannot be run again, or NULL; dry: what runs would be killed */
static const char *
unfit(const struct work *w, uint32_t t)
{
	enum state s = w->inst[t].state;

	if (s == STATE_NONE && !(w->dry && w->c->latest))
		return "it has no marker: dagq --repair";
	if (s == STATE_RUNNING && !(w->dry && w->c->kill))
		return "it is running: --kill ends it first";
	return !w->dry && child_begun(w->run, t, w->inst[t], false) ?
	    "the DAG that it runs is running: --kill ends it first" : NULL;
}

/* those that cannot be run again are chosen no more */
static void
check_fit(struct work *w)
{
	const char *why;

	for (uint32_t i = 0, t; i < w->run->plan->n; i++) {
		t = w->order[i];
		if (w->chosen[t] && (why = unfit(w, t)))
			refuse(w, t, why);
	}
}

static int
rerun(struct work *w, int dirfd)
{
	uint32_t n = w->run->plan->n, t;
	int x = w->c->latest && !w->dry ? choose_new(w) : 0;
	enum state from;

	check_fit(w);
	if (x == 0 && w->c->nparam && !w->dry)
		x = param_set(w->run, w->c->param, w->c->nparam);
	if (x == 0)
		x = activate(w, dirfd);
	if (x == 0 && !w->dry)
		x = revive(w);
	for (uint32_t i = 0; i < n && x >= 0; i++) {
		t = w->order[i];
		from = w->inst[t].state;
		if (!w->chosen[t] || from == STATE_HELD ||
		    (from == STATE_WAITING && (w->dry ||
		    !child_begun(w->run, t, w->inst[t], true))))
			continue;
		x = move(w, t, STATE_HELD, true);
		if (x == 0)
			refuse(w, t, "it was started just now");
		else if (x > 0)
			told(w, t, from);
	}
	for (uint32_t i = 0; i < n && x >= 0; i++) {
		t = w->order[i];
		if (w->chosen[t] && w->inst[t].state == STATE_HELD)
			x = move(w, t, STATE_WAITING, false);
	}
	if (x >= 0 && w->dry)
		x = revive(w);
	return x < 0 ? -1 : 0;
}

/* a run that waits its turn with nothing left to do is active: so it ends */
static int
end_waiting(struct work *w)
{
	for (uint32_t t = 0; t < w->run->plan->n; t++)
		if (!state_ended(w->inst[t].state))
			return 0;
	return run_state(w->run) != RUN_WAITING ? 0 :
	    run_move(w->run, RUN_WAITING, RUN_ACTIVE);
}

static int
mark(struct work *w, int dirfd)
{
	enum state from;
	int x;

	for (uint32_t t = 0; t < w->run->plan->n; t++) {
		from = w->inst[t].state;
		if (w->chosen[t] && (from == STATE_RUNNING ||
		    from == STATE_NONE))
			refuse(w, t, from == STATE_NONE ? "it has no marker: "
			    "dagq --repair" : "it is running: dagq --kill ends "
			    "it");
		w->chosen[t] &= from != w->c->mark;
	}
	x = activate(w, dirfd);
	if (x == 0 && !w->dry)
		x = revive(w);
	for (uint32_t t = 0; t < w->run->plan->n && x >= 0; t++) {
		from = w->inst[t].state;
		if (w->chosen[t] && (x = move(w, t, w->c->mark, true)) > 0)
			told(w, t, from);
	}
	if (x >= 0)
		x = w->dry ? revive(w) : end_waiting(w);
	return x < 0 ? -1 : 0;
}

/* says what cannot be held, or released: what has ended, what runs */
static void
refuse_aside(struct work *w, uint32_t t, bool hold)
{
	enum state s = w->inst[t].state;
	char why[64];

	snprintf(why, sizeof why, "it has ended: it is %s", state_name(s));
	if (state_ended(s))
		refuse(w, t, why);
	else if (s == STATE_RUNNING && hold)
		refuse(w, t, "it is running: dagq --kill ends it");
}

/* hold and release: only from the states where it means something */
static int
set_aside(struct work *w)
{
	bool hold = w->c->verb == CHANGE_HOLD;
	uint32_t n = w->run->plan->n, ended = 0, runs = 0;
	enum state from, to = hold ? STATE_HELD : STATE_WAITING;
	int x = 0;

	for (uint32_t t = 0; t < n && x >= 0; t++) {
		from = w->inst[t].state;
		ended += state_ended(from);
		runs += hold && from == STATE_RUNNING;
		if (!w->chosen[t])
			continue;
		if (hold ? from == STATE_WAITING || from == STATE_READY :
		    from == STATE_HELD) {
			x = move(w, t, to, true);
			if (x > 0)
				told(w, t, from);
		} else if (!w->c->whole)
			refuse_aside(w, t, hold);
	}
	if (w->c->whole && ended + runs == n && w->c->refused)
		w->c->refused(w->run, "", runs ? "what is left of it is "
		    "running: dagq --kill" : "it has ended", w->c->arg);
	return x < 0 ? -1 : 0;
}

/* a rerun leaves alone what a person holds; of what was named it is said */
static void
leave_held(struct work *w, bool named)
{
	for (uint32_t t = 0; t < w->run->plan->n; t++) {
		if (!w->chosen[t] || w->inst[t].state != STATE_HELD ||
		    heldby(w->run, t) > HELDBY_PERSON)
			continue;
		w->chosen[t] = false;
		if (named)
			refuse(w, t, "it is held: dagq --release");
	}
}

static int
decide(struct work *w, int dirfd)
{
	bool any = false, again = w->c->verb == CHANGE_RERUN;

	for (uint32_t t = 0; w->c->failed && t < w->run->plan->n; t++)
		w->chosen[t] &= w->inst[t].state == STATE_FAILED;
	reach_instances(w->run->plan, w->inst, again, w->chosen);
	if (again) {
		leave_held(w, !w->c->whole);
		reach_along(w->run->plan, w->order, w->c->upstream,
		    w->c->downstream, w->chosen);
		if (scope_add(w->run->plan, w->chosen) < 0)
			return -1;
		leave_held(w, false);
	}
	if (w->c->verb == CHANGE_MARK && w->c->whole &&
	    reach_untorn(w->run->plan, w->inst, w->chosen) < 0)
		return -1;
	check_foreign(w);
	for (uint32_t t = 0; t < w->run->plan->n; t++)
		any |= w->chosen[t];
	if (!any)
		return 0;
	if (again)
		return rerun(w, dirfd);
	return w->c->verb == CHANGE_MARK ? mark(w, dirfd) : set_aside(w);
}

static int
change_locked(struct work *w, int dirfd)
{
	struct run *r = w->run;
	const struct plan *was = r->plan;
	int x;

	/* instances may have come, or other numbers */
	if (run_fresh(r) < 0 || (r->plan != was &&
	    (!(w->own = reach_again(was, w->chosen, r->plan)) ||
	    (w->before && !(w->ownbefore = reach_states(was, w->before,
	    r->plan))))))
		return -1;
	if (r->plan != was) {
		w->chosen = w->own;
		w->before = w->ownbefore;
	}
	w->inst = malloc(r->plan->n * sizeof *w->inst);
	w->order = graph_order(&r->plan->graph);
	if (!w->inst || !w->order || run_states(r, w->inst) < 0)
		return -1;
	x = decide(w, dirfd);
	if (x == 0 && (spool_sync(r->spool, r->fd) < 0 ||
	    spool_sync(r->spool, r->spool->queue) < 0))
		x = -1;
	return x;
}

int
change_run(const struct change *c, struct run *r, bool *chosen)
{
	struct work w = {.c = c, .run = r, .chosen = chosen,
	    .before = c->before};
	int dirfd, x, e;

	if (run_plan(r, NULL) < 0 ||
	    (c->kill && kill_chosen(r, chosen, NULL, c->note) < 0) ||
	    (dirfd = dag_lock(r->spool, r->dag)) < 0)
		return -1;
	x = run_lock(r);
	if (x == 0) {
		x = change_locked(&w, dirfd);
		e = errno;
		run_unlock(r);
		errno = e;
	}
	e = errno;
	free(w.inst);
	free(w.order);
	free(w.own);
	free(w.ownbefore);
	close(dirfd);
	errno = e;
	if (x == 0)
		x = eval_run(r);
	return x < 0 ? -1 : w.count;
}

int
change_dry(const struct change *c, struct run *r, struct instance *inst,
    bool *chosen)
{
	struct work w = {.c = c, .run = r, .chosen = chosen, .inst = inst,
	    .before = c->before, .dry = true,
	    .order = graph_order(&r->plan->graph)};
	int x = w.order ? decide(&w, -1) : -1;

	free(w.order);
	return x < 0 ? -1 : w.count;
}
