/* cancel: ends a whole run: what of it runs is killed, the rest has failed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cancel.h"
#include "change.h"
#include "child.h"
#include "decide.h"
#include "eval.h"
#include "kill.h"

enum { ROUNDS = 10 };

/* fails what does not run, kills what does; how many there were, or -1 */
static int
end_all(struct run *r, struct instance *inst, bool *chosen, const char *note)
{
	const struct change c = {.verb = CHANGE_MARK, .mark = STATE_FAILED,
	    .note = note};
	const struct plan *p = r->plan;
	int left = 0;

	if (run_states(r, inst) < 0)
		return -1;
	for (uint32_t t = 0; t < r->plan->n; t++) {
		/* what was set up is torn down */
		if (decide_teardown(p, t)) {
			chosen[t] = false;
			continue;
		}
		chosen[t] = !state_ended(inst[t].state) &&
		    inst[t].state != STATE_RUNNING;
		left += !state_ended(inst[t].state);
	}
	/* first, so that nothing is claimed in the place of what is killed */
	if (left > 0 && change_run(&c, r, chosen) < 0)
		return -1;
	/* others have come with a list: the next round */
	if (r->plan != p)
		return left;
	for (uint32_t t = 0; t < p->n; t++)
		chosen[t] = inst[t].state == STATE_RUNNING &&
		    !decide_teardown(p, t);
	return kill_chosen(r, chosen, NULL, note) < 0 ? -1 : left;
}

static int
cancel_one(struct spool *sp, const char *dag, const char *name,
    const char *note)
{
	struct instance *inst;
	bool *chosen;
	struct run r;
	int x, e, any = 0;

	if (run_open(sp, dag, name, &r) < 0)
		return errno == ENOENT ? 0 : -1;
	x = run_plan(&r, NULL) < 0 ? -1 : 1;
	/* a task may have been claimed or retried meanwhile */
	for (int round = 0; x > 0 && round < ROUNDS; round++) {
		inst = malloc(r.plan->n * sizeof *inst);
		chosen = malloc(r.plan->n * sizeof *chosen);
		x = inst && chosen ? end_all(&r, inst, chosen, note) : -1;
		e = errno;
		free(inst);
		free(chosen);
		errno = e;
		any |= x > 0;
	}
	if (x > 0) {
		errno = EAGAIN;
		x = -1;
	}
	/* what ended last was somebody else's, who may not have seen it yet */
	if (x == 0 && any && eval_run(&r) < 0)
		x = -1;
	e = errno;
	run_close(&r);
	errno = e;
	return x < 0 ? -1 : any;
}

/* a run, and those that were made for its tasks, and so on */
struct family {
	struct child *list;
	size_t n;
};

static int
add(struct family *f, const char *dag, const char *run)
{
	struct child *grown;

	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->list[i].dag, dag) == 0 &&
		    strcmp(f->list[i].run, run) == 0)
			return 0;
	grown = realloc(f->list, (f->n + 1) * sizeof *grown);
	if (!grown)
		return -1;
	f->list = grown;
	grown[f->n] = (struct child){.over = false};
	memcpy(grown[f->n].dag, dag, strlen(dag) + 1);
	memcpy(grown[f->n++].run, run, strlen(run) + 1);
	return 0;
}

/* says in the marker of a task that it is killed, and adds what was made for
 * it; 1, 0 it waits for none, -1 */
static int
add_child(struct family *f, struct run *r, uint32_t task, struct instance in,
    const char *note)
{
	char name[TASK_LEN + 1];
	struct child c;
	int x = child_of(r, task, in, &c), ours;

	if (x <= 0 || in.state == STATE_RUNNING)
		return x < 0 ? -1 : 0;
	if (child_kill(r, task, in, note) < 0 || (ours = child_ours(r,
	    plan_name(r->plan, task, name), &c)) < 0)
		return -1;
	return ours && add(f, c.dag, c.run) < 0 ? -1 : 1;
}

static int
add_children(struct family *f, struct spool *sp, size_t at, const char *note)
{
	struct instance *inst = NULL;
	struct run r;
	int x, e;

	if (run_open(sp, f->list[at].dag, f->list[at].run, &r) < 0)
		return errno == ENOENT ? 0 : -1;
	x = run_plan(&r, NULL);
	if (x == 0 && r.plan->keys & PLAN_SUB) {
		inst = malloc(r.plan->n * sizeof *inst);
		x = inst ? run_states(&r, inst) : -1;
		for (uint32_t t = 0; x >= 0 && t < r.plan->n; t++)
			if (!decide_teardown(r.plan, t))
				x = add_child(f, &r, t, inst[t], note);
	}
	e = errno;
	free(inst);
	run_close(&r);
	errno = e;
	return x < 0 ? -1 : 0;
}

/* what is deepest first: else it would be found to have been killed by its
 * end; 1, 0 none was at work, -1 */
static int
cancel_family(struct family *f, struct spool *sp, const char *note)
{
	int x = 0, any = 0, e;

	for (size_t i = 0; i < f->n && x >= 0; i++)
		x = add_children(f, sp, i, note);
	for (size_t i = f->n; i-- > 0 && x >= 0;) {
		x = cancel_one(sp, f->list[i].dag, f->list[i].run, note);
		any |= x > 0;
	}
	e = errno;
	free(f->list);
	errno = e;
	return x < 0 ? -1 : any;
}

int
cancel_run(struct spool *sp, const char *dag, const char *name,
    const char *note)
{
	struct family f = {NULL, 0};

	return add(&f, dag, name) < 0 ? -1 : cancel_family(&f, sp, note);
}

int
cancel_child(struct run *r, uint32_t task, struct instance in,
    const char *note)
{
	struct family f = {NULL, 0};
	int x = add_child(&f, r, task, in, note);

	if (x <= 0)
		return x;
	return cancel_family(&f, r->spool, note) < 0 || eval_run(r) < 0 ? -1 :
	    1;
}
