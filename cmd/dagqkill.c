/* dagqkill: dagq --kill: ends tasks, and whole runs. */
#include <stdio.h>
#include <stdlib.h>

#include "cancel.h"
#include "child.h"
#include "dagqids.h"
#include "decide.h"
#include "kill.h"
#include "reach.h"

/* ends the run that a task waits for; 1, 0, -1 */
static int
kill_child(struct run *r, uint32_t t, struct instance in)
{
	struct child c;

	return dagq.dry ? child_of(r, t, in, &c) :
	    cancel_child(r, t, in, dagq.change.note);
}

/* kills what runs of the chosen tasks of a run; those that were named have
 * to run, or it is said */
static enum exit_code
kill_tasks(struct run *r, bool *chosen)
{
	struct instance *inst = malloc(r->plan->n * sizeof *inst);
	bool *killed = calloc(r->plan->n, sizeof *killed);
	enum exit_code code = EXIT_OK;
	char task[TASK_LEN + 1];
	int x;

	if (!inst || !killed || run_states(r, inst) < 0)
		prog_die_errno("%s/%s", r->dag, r->name);
	reach_running(r->plan, inst, chosen);
	if (!dagq.dry && kill_chosen(r, chosen, killed, dagq.change.note) < 0) {
		prog_warn_errno("%s/%s", r->dag, r->name);
		code = EXIT_SYSTEM;
	}
	for (uint32_t t = 0; t < r->plan->n; t++) {
		plan_name(r->plan, t, task);
		if (!chosen[t])
			continue;
		x = inst[t].state != STATE_RUNNING ?
		    kill_child(r, t, inst[t]) : killed[t] || dagq.dry;
		dagq.killed += x != 0 || inst[t].state == STATE_RUNNING;
		if (x == 0 && inst[t].state != STATE_RUNNING) {
			prog_warn("%s/%s/%s: it is %s", r->dag, r->name, task,
			    state_name(inst[t].state));
			code = EXIT_BAD;
		}
		if (x < 0) {
			prog_warn_errno("%s/%s/%s", r->dag, r->name, task);
			code = EXIT_SYSTEM;
		} else if (x && prog_verbose >= 0)
			printf("%s/%s/%s\tkilled\n", r->dag, r->name, task);
	}
	free(killed);
	free(inst);
	return code;
}

/* what became of a task of a run that was ended; by: it waited for a run of
 * its own */
static void
tell(const struct run *r, const char *task, struct instance was, bool by)
{
	dagq.killed++;
	if (prog_verbose < 0)
		return;
	if (by || was.state == STATE_RUNNING)
		printf("%s/%s/%s\tkilled\n", r->dag, r->name, task);
	else
		printf("%s/%s/%s\tfailed\tfrom=%s\n", r->dag, r->name, task,
		    state_name(was.state));
}

/* ends a whole run: what runs is killed, what has not begun has failed, so
 * that nothing begins in the place of what is killed; teardowns do */
static enum exit_code
end_run(struct run *r)
{
	const struct plan *p = r->plan;
	struct instance *was = malloc(p->n * sizeof *was), now;
	bool *child = calloc(p->n, sizeof *child);
	enum exit_code code = EXIT_OK;
	char task[TASK_LEN + 1];
	struct child c;

	if (!was || !child || run_states(r, was) < 0)
		prog_die_errno("%s/%s", r->dag, r->name);
	for (uint32_t t = 0; t < p->n; t++)
		child[t] = child_of(r, t, was[t], &c) > 0;
	if (!dagq.dry && cancel_run(&dagq.spool, r->dag, r->name,
	    dagq.change.note) < 0) {
		prog_warn_errno("%s/%s", r->dag, r->name);
		code = EXIT_SYSTEM;
	}
	for (uint32_t t = 0; t < p->n; t++) {
		if (state_ended(was[t].state) || decide_teardown(p, t))
			continue;
		plan_name(p, t, task);
		now = task_state(r, task);
		/* what ended well just now was not killed */
		if (dagq.dry || now.state == STATE_FAILED)
			tell(r, task, was[t], child[t]);
	}
	free(child);
	free(was);
	return code;
}

enum exit_code
dagqkill(struct run *r, bool *chosen)
{
	return dagq.change.whole ? end_run(r) : kill_tasks(r, chosen);
}
