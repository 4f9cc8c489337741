/* cancel: ends a whole run: what of it runs is killed, the rest has failed. */
#include <errno.h>
#include <stdlib.h>

#include "cancel.h"
#include "change.h"
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
	for (uint32_t t = 0; r->plan == p && t < p->n; t++)
		if (inst[t].state == STATE_RUNNING &&
		    !decide_teardown(p, t) &&
		    kill_attempt(r, t, inst[t].attempt, note) < 0)
			return -1;
	return left;
}

int
cancel_run(struct spool *sp, const char *dag, const char *name,
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
