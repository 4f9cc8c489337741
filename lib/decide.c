/* decide: what becomes of a task, of a run, by the states of others. */
#include "decide.h"
#include "planmap.h"
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

enum state
decide_task(enum state (*of)(void *, uint32_t), void *arg,
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

	if (p->each && planmap_joint(p, task))
		return join(of, arg, p, task, from);
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

bool
decide_sink(const struct graph *g, uint32_t task)
{
	return g->downat[task] == g->downat[task + 1];
}

enum run_state
decide_outcome(const struct plan *p, const struct instance *inst)
{
	for (uint32_t t = 0; t < p->n; t++)
		if ((inst[t].state == STATE_FAILED ||
		    inst[t].state == STATE_UPSTREAM_FAILED) &&
		    decide_sink(&p->graph, t))
			return RUN_FAILED;
	return RUN_SUCCESS;
}
