/* dagqchange: what dagq does to the tasks of one run. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cancel.h"
#include "dagqids.h"
#include "eval.h"
#include "kill.h"
#include "latest.h"
#include "look.h"
#include "param.h"
#include "planmap.h"
#include "reach.h"
#include "renew.h"
#include "retire.h"
#include "stop.h"

static struct latest latest;

static const char *
done_word(void)
{
	switch (dagq.verb) {
	case VERB_RERUN: return "rerun";
	case VERB_HOLD: return "held";
	case VERB_RELEASE: return "released";
	default: return state_name(dagq.change.mark);
	}
}

static void
changed(const struct run *r, const char *task, enum state from, void *arg)
{
	(void)arg;
	if (prog_verbose >= 0)
		printf("%s/%s/%s\t%s\tfrom=%s\n", r->dag, r->name, task,
		    done_word(), from < 0 ? "new" : state_name(from));
}

static void
refused(const struct run *r, const char *task, const char *why, void *arg)
{
	*(enum exit_code *)arg = EXIT_BAD;
	prog_warn("%s/%s%s%s: %s", r->dag, r->name, *task ? "/" : "", task,
	    why);
}

/* --dry-run: what goes by what becomes of these */
static void
revived(const struct run *r, const char *task, enum state from, void *arg)
{
	(void)arg;
	if (prog_verbose >= 0)
		printf("%s/%s/%s\twaits again\tfrom=%s\n", r->dag, r->name,
		    task, state_name(from));
}

/* is it the input that is to blame for this errno? */
static enum exit_code
blame(int error)
{
	return error == ENOENT || error == EBADMSG || error == EINVAL ||
	    error == EBUSY ? EXIT_BAD : EXIT_SYSTEM;
}

static enum exit_code
open_run(const struct id *id, struct run *r)
{
	struct buf why = BUF_INIT;
	const char *part = "";
	int x = 0, e;

	if (id->archived && retire_restore(&dagq.spool, id->dag, id->run,
	    &why) < 0 && errno != EEXIST)
		x = -1;
	if (x == 0 && (x = run_open(&dagq.spool, id->dag, id->run, r)) == 0 &&
	    run_plan(r, &why) < 0) {
		e = errno;
		run_close(r);
		errno = e;
		part = "its plan: ";
		x = -1;
	}
	e = errno;
	if (x < 0 && why.n)
		prog_warn("%s/%s: %s%s", id->dag, id->run, part,
		    buf_cstr(&why));
	else if (x < 0 && e == ENOENT && part[0])
		prog_warn("%s/%s: it has no plan: see dagq --check", id->dag,
		    id->run);
	else if (x < 0 && e == ENOENT)
		prog_warn("%s/%s: it has gone: somebody has archived or "
		    "purged it", id->dag, id->run);
	else if (x < 0)
		prog_warn_errno("%s/%s", id->dag, id->run);
	buf_free(&why);
	return x < 0 ? blame(e) : EXIT_OK;
}

/* says, once a DAG, that its file is not what its runs were made from */
static void
tell_changed(const struct run *r, const char *how)
{
	static char told[NAME_LEN + 1];

	if (strcmp(told, r->dag) == 0 || prog_verbose < 0)
		return;
	snprintf(told, sizeof told, "%s", r->dag);
	prog_warn("%s: %s %s since %s was made: it runs as it was; "
	    "--latest takes the file as it is", r->dag, latest.path, how,
	    r->name);
}

/* which of ids[from..to) the plan has; EXIT_BAD: one is not in it */
static enum exit_code
choose(const struct plan *p, size_t from, size_t to, bool *chosen)
{
	const char *task;
	int64_t t;

	for (size_t i = from; i < to; i++) {
		task = dagq.ids.id[i].task;
		t = plan_find(p, task, strlen(task));
		/* what instances a definition will have is not known */
		if (t < 0 && p->n == p->base &&
		    (t = plan_find(p, task, strcspn(task, "+"))) >= 0 &&
		    !planmap_unlisted(p, (uint32_t)t))
			t = -1;
		if (task[0] && t < 0) {
			prog_warn("%s/%s/%s: %s has no such task now",
			    dagq.ids.id[i].dag, dagq.ids.id[i].run, task,
			    latest.path);
			return EXIT_BAD;
		}
		for (uint32_t k = 0; k < p->n; k++)
			chosen[k] |= !task[0] || k == t;
	}
	return EXIT_OK;
}

/* what the run's DAG file says today, if it is other than its plan */
static enum exit_code
latest_of(const struct run *r, const struct plan **plan)
{
	switch (latest_look(&latest, r)) {
	case LATEST_SAME:
		return EXIT_OK;
	case LATEST_CHANGED:
		*plan = &latest.plan;
		return EXIT_OK;
	case LATEST_GONE:
		prog_warn("%s: its DAG file is not there", r->dag);
		return EXIT_BAD;
	case LATEST_BAD:
		prog_warn("%s: %s", r->dag, buf_cstr(&latest.why));
		return EXIT_BAD;
	default:
		prog_warn_errno("%s", r->dag);
		return EXIT_SYSTEM;
	}
}

/* --latest: gives the run, if it needs it, the definition of today */
static enum exit_code
renew(struct run *r, size_t from, size_t to)
{
	struct buf why = BUF_INIT;
	enum exit_code code, opened;
	struct id id = dagq.ids.id[from];
	const struct plan *plan = NULL;
	bool *chosen;

	code = latest_of(r, &plan);
	if (code != EXIT_OK || !plan)
		return code;
	chosen = calloc(latest.plan.n, sizeof *chosen);
	if (!chosen)
		prog_die_errno("%s", r->dag);
	code = choose(&latest.plan, from, to, chosen);
	free(chosen);
	if (code != EXIT_OK)
		return code;
	run_close(r);
	if (renew_run(&dagq.spool, id.dag, id.run, &latest.plan, &why) < 0) {
		code = blame(errno);
		if (why.n)
			prog_warn("%s/%s: %s", id.dag, id.run, buf_cstr(&why));
		else
			prog_warn_errno("%s/%s", id.dag, id.run);
	}
	id.archived = false;
	buf_free(&why);
	opened = open_run(&id, r);
	return code == EXIT_OK ? opened : code;
}

/* what a rerun does about a DAG file that changed; r is open still, or
 * open again */
static enum exit_code
look_at_file(struct run *r, size_t from, size_t to)
{
	if (dagq.change.latest)
		return renew(r, from, to);
	switch (latest_look(&latest, r)) {
	case LATEST_CHANGED:
		tell_changed(r, "has changed");
		break;
	case LATEST_BAD:
		tell_changed(r, "has changed, and has errors,");
		break;
	default:
		break;
	}
	return EXIT_OK;
}

/* what a person has failed ends the others, if the DAG has it so */
static int
end_others(struct run *r)
{
	return dagq.verb == VERB_MARK && dagq.change.mark == STATE_FAILED &&
	    stop_cancels(r) && (kill_running(r, "on-failure") < 0 ||
	    eval_run(r) < 0) ? -1 : 0;
}

/* changes the chosen tasks; what somebody else changes meanwhile is not */
static enum exit_code
change(struct run *r, bool *chosen)
{
	struct instance *before = malloc(r->plan->n * sizeof *before);
	enum exit_code code = EXIT_OK;

	if (!before || run_states(r, before) < 0)
		prog_die_errno("%s/%s", r->dag, r->name);
	/* what a task waits for: what runs change_run ends itself */
	for (uint32_t t = 0; dagq.change.kill && t < r->plan->n; t++)
		if (chosen[t] && cancel_child(r, t, before[t],
		    dagq.change.note) < 0)
			prog_die_errno("%s/%s", r->dag, r->name);
	dagq.change.before = before;
	dagq.change.arg = &code;
	dagq.change.changed = changed;
	dagq.change.refused = refused;
	if (change_run(&dagq.change, r, chosen) < 0 || end_others(r) < 0) {
		prog_warn_errno("%s/%s", r->dag, r->name);
		code = EXIT_SYSTEM;
	}
	free(before);
	return code;
}

/* are these IDs of a run the run itself? */
static bool
whole_run(size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (!dagq.ids.id[i].task[0])
			return true;
	return false;
}

/* the states that the tasks of a plan would have if the run took it */
static struct instance *
states_for(const struct plan *p, const struct look *l)
{
	struct instance *inst = calloc(p->n, sizeof *inst);
	char name[TASK_LEN + 1];
	int64_t t;

	for (uint32_t i = 0; inst && i < p->n; i++) {
		plan_name(p, i, name);
		t = plan_find(l->plan, name, strlen(name));
		inst[i] = t < 0 ? (struct instance){STATE_NONE, 0} :
		    l->inst[t];
	}
	return inst;
}

/* --dry-run: says what would be done to a run, archived or not */
static enum exit_code
dry_run(size_t from, size_t to)
{
	const struct id *id = &dagq.ids.id[from];
	enum exit_code code = EXIT_OK;
	struct buf why = BUF_INIT;
	struct instance *inst;
	struct look l;
	struct run r = {.spool = &dagq.spool, .fd = -1};
	bool *chosen;

	if (look_open(&dagq.spool, id, &l, &why) < 0) {
		prog_warn("%s/%s: %s", id->dag, id->run, why.n ?
		    buf_cstr(&why) : strerror(errno));
		buf_free(&why);
		return EXIT_BAD;
	}
	snprintf(r.dag, sizeof r.dag, "%s", id->dag);
	snprintf(r.name, sizeof r.name, "%s", id->run);
	r.plan = l.plan;
	/* what is held, and by whom, its marker says */
	r.fd = l.id.archived ? -1 : l.run.fd;
	if (dagq.verb == VERB_RERUN && !dagq.change.latest)
		code = look_at_file(&r, from, to);
	else if (dagq.verb == VERB_RERUN)
		code = latest_of(&r, &r.plan);
	inst = states_for(r.plan, &l);
	chosen = calloc(r.plan->n, sizeof *chosen);
	if (!inst || !chosen)
		prog_die_errno("%s/%s", r.dag, r.name);
	if (code == EXIT_OK && l.state != RUN_SUCCESS &&
	    l.state != RUN_FAILED && r.plan != l.plan) {
		prog_warn("%s/%s: it is %s", r.dag, r.name,
		    run_state_name(l.state));
		code = EXIT_BAD;
	}
	if (code == EXIT_OK)
		code = choose(r.plan, from, to, chosen);
	/* --latest: tasks that are new in it, too */
	for (uint32_t t = 0; r.plan != l.plan && t < r.plan->n; t++)
		chosen[t] |= inst[t].state == STATE_NONE;
	dagq.change.arg = &code;
	dagq.change.changed = changed;
	dagq.change.refused = refused;
	dagq.change.revived = revived;
	for (size_t i = 0; code == EXIT_OK && i < dagq.change.nparam; i++)
		printf("%s/%s\tparam\t%s=%s\n", r.dag, r.name,
		    dagq.change.param[i].key, dagq.change.param[i].value);
	if (code == EXIT_OK && change_dry(&dagq.change, &r, inst, chosen) < 0)
		prog_die_errno("%s/%s", r.dag, r.name);
	free(chosen);
	free(inst);
	buf_free(&why);
	look_close(&l);
	return code;
}

/* would the run take the parameters that are asked for? */
static bool
take_params(const struct run *r)
{
	struct buf why = BUF_INIT;
	int x = param_try(r, dagq.change.param, dagq.change.nparam, &why);

	if (x < 0 && why.n)
		prog_warn("%s/%s: %s", r->dag, r->name, buf_cstr(&why));
	else if (x < 0)
		prog_warn_errno("%s/%s", r->dag, r->name);
	buf_free(&why);
	return x == 0;
}

enum exit_code
dagqids_change_run(size_t from, size_t to)
{
	enum exit_code code = EXIT_OK;
	struct run r;
	bool *chosen;

	dagq.change.whole = whole_run(from, to);
	if (dagq.dry && dagq.verb != VERB_KILL)
		return dry_run(from, to);
	if ((code = open_run(&dagq.ids.id[from], &r)) != EXIT_OK)
		return code;
	if (dagq.verb == VERB_RERUN &&
	    (code = look_at_file(&r, from, to)) != EXIT_OK) {
		run_close(&r);
		return code;
	}
	if (dagq.change.nparam && !take_params(&r)) {
		run_close(&r);
		return EXIT_BAD;
	}
	chosen = calloc(r.plan->n, sizeof *chosen);
	if (!chosen)
		prog_die_errno("%s", dagq.ids.id[from].dag);
	choose(r.plan, from, to, chosen);
	code = dagq.verb == VERB_KILL ? dagqkill(&r, chosen) :
	    change(&r, chosen);
	free(chosen);
	run_close(&r);
	return code;
}

void
dagqids_change_end(void)
{
	latest_free(&latest);
}
