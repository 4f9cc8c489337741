/* decide: what becomes of a task, of a run, by the states of others. */
#include <string.h>

#include "decide.h"
#include "planmap.h"
#include "scope.h"
#include "trigger.h"

/*
 * A mapped task ends with the last of its instances: as failed if one of them
 * has, upstream-failed if one is that, as a success if one is, else skipped.
 */
static enum state
join(enum state (*of)(void *, uint32_t), void *arg, const struct plan *p,
    uint32_t task, uint32_t from)
{
	static const enum state order[] = {STATE_FAILED, STATE_UPSTREAM_FAILED,
	    STATE_SUCCESS, STATE_SKIPPED};
	const uint32_t *up = p->graph.up + p->graph.upat[task];
	uint32_t n = p->graph.upat[task + 1] - p->graph.upat[task], first;
	unsigned seen = 0, i;
	enum state s;

	/* they are numbered in a row */
	first = from >= up[0] && from - up[0] < n ? from - up[0] : 0;
	for (i = 0; i < n; i++) {
		s = of(arg, up[(first + i) % n]);
		if (s == STATE_NONE)
			return STATE_NONE;
		seen |= 1U << s;
	}
	for (i = 0; !(seen & 1U << order[i]); i++)
		;
	return order[i];
}

bool
decide_teardown(const struct plan *p, uint32_t task)
{
	return p->task[task].keys & PLAN_TEARDOWN;
}

/*
 * A teardown waits for all; then it runs if one of its setups did well, fails
 * if one of them has failed, and is skipped otherwise.
 */
static enum state
tear_down(enum state (*of)(void *, uint32_t), void *arg, const struct plan *p,
    uint32_t task)
{
	struct buf list = BUF_INIT;
	enum state s, then = STATE_SKIPPED;
	const char *w;
	int64_t setup;
	size_t n;

	for (uint32_t e = p->graph.upat[task]; e < p->graph.upat[task + 1];
	    e++)
		if (of(arg, p->graph.up[e]) == STATE_NONE)
			return STATE_NONE;
	w = plan_get(p, task, "teardown", &list);
	if (!w)
		then = STATE_NONE;	/* no memory: the next look */
	for (; w && *w; w += n) {
		w += strspn(w, " \t\n");
		n = strcspn(w, " \t\n");
		setup = n ? plan_find(p, w, n) : -1;
		if (setup < 0)
			continue;
		s = of(arg, (uint32_t)setup);
		if (s == STATE_SUCCESS)
			then = STATE_READY;
		else if (s != STATE_SKIPPED && then != STATE_READY)
			then = STATE_UPSTREAM_FAILED;
	}
	buf_free(&list);
	return then;
}

/*
 * What the setups say to which a task is bound: STATE_READY that it may go by
 * its rule, STATE_NONE that it cannot run yet, or its end.
 */
static enum state
by_setups(enum state (*of)(void *, uint32_t), void *arg, const struct plan *p,
    uint32_t task)
{
	enum state s, then = STATE_READY;
	bool skipped = false;

	for (const struct plan_bound *b = scope_bound(p, task);
	    b < p->bound + p->nbound && b->task == task; b++) {
		s = of(arg, b->setup);
		if (s == STATE_FAILED || s == STATE_UPSTREAM_FAILED)
			return STATE_UPSTREAM_FAILED;
		skipped |= s == STATE_SKIPPED;
		if (s == STATE_NONE)
			then = STATE_NONE;
	}
	return skipped ? STATE_SKIPPED : then;
}

static enum state
by_rule(enum state (*of)(void *, uint32_t), void *arg, const struct plan *p,
    uint32_t task, uint32_t from, unsigned others)
{
	static const enum state become[] = {
		[TRIGGER_WAIT] = STATE_NONE, [TRIGGER_RUN] = STATE_READY,
		[TRIGGER_SKIP] = STATE_SKIPPED,
		[TRIGGER_FAIL] = STATE_UPSTREAM_FAILED,
	};
	const uint32_t *up = p->graph.up + p->graph.upat[task];
	uint32_t n = p->graph.upat[task + 1] - p->graph.upat[task], first = 0;
	unsigned rule = p->task[task].when, seen = others, bit;
	enum trigger_then then;
	enum state s;

	then = seen ? trigger_decide(rule, seen | TRIGGER_PENDING) :
	    TRIGGER_WAIT;
	if (then == TRIGGER_RUN || then == TRIGGER_FAIL)
		return become[then];
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

enum state
decide_task(enum state (*of)(void *, uint32_t), void *arg,
    const struct plan *p, uint32_t task, uint32_t from, unsigned others)
{
	enum state may, s;

	if (p->each && planmap_joint(p, task))
		return join(of, arg, p, task, from);
	if (decide_teardown(p, task))
		return tear_down(of, arg, p, task);
	may = p->nbound ? by_setups(of, arg, p, task) : STATE_READY;
	if (may != STATE_READY && may != STATE_NONE)
		return may;
	s = by_rule(of, arg, p, task, from, others);
	return s == STATE_READY ? may : s;
}

bool
decide_sink(const struct graph *g, uint32_t task)
{
	return g->downat[task] == g->downat[task + 1];
}

bool
decide_last(const struct plan *p, uint32_t task)
{
	const struct graph *g = &p->graph;

	for (uint32_t e = g->downat[task]; e < g->downat[task + 1]; e++)
		if (!decide_teardown(p, g->down[e]))
			return false;
	return !decide_teardown(p, task);
}

enum run_state
decide_outcome(const struct plan *p, const struct instance *inst)
{
	for (uint32_t t = 0; t < p->n; t++)
		if ((inst[t].state == STATE_FAILED ||
		    inst[t].state == STATE_UPSTREAM_FAILED) &&
		    decide_last(p, t))
			return RUN_FAILED;
	return RUN_SUCCESS;
}
