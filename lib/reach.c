/* reach: which tasks are meant, if some are named. */
#include <stdlib.h>
#include <string.h>

#include "planmap.h"
#include "reach.h"
#include "scope.h"

static bool
has_failed(const struct instance *in)
{
	return in->state == STATE_FAILED ||
	    in->state == STATE_UPSTREAM_FAILED;
}

void
reach_instances(const struct plan *p, const struct instance *inst, bool rerun,
    bool *chosen)
{
	const struct graph *g = &p->graph;
	bool failed;
	uint32_t e, t;

	for (t = 0; p->each && t < p->base; t++) {
		if (!chosen[t] || !planmap_joint(p, t))
			continue;
		failed = false;
		for (e = g->upat[t]; e < g->upat[t + 1]; e++)
			failed |= has_failed(&inst[g->up[e]]);
		for (e = g->upat[t]; e < g->upat[t + 1]; e++)
			chosen[g->up[e]] |= !planmap_gone(p, g->up[e]) &&
			    (rerun ? !failed || has_failed(&inst[g->up[e]]) :
			    !state_ended(inst[g->up[e]].state));
	}
}

void
reach_running(const struct plan *p, const struct instance *inst, bool *chosen)
{
	const struct graph *g = &p->graph;
	uint32_t up;

	for (uint32_t t = 0; p->each && t < p->base; t++) {
		if (!chosen[t] || !planmap_joint(p, t))
			continue;
		for (uint32_t e = g->upat[t]; e < g->upat[t + 1]; e++) {
			up = g->up[e];
			if (inst[up].state != STATE_RUNNING)
				continue;
			chosen[up] = true;
			chosen[t] = false;
		}
	}
}

void
reach_along(const struct plan *p, const uint32_t *order, bool upstream,
    bool downstream, bool *chosen)
{
	const struct graph *g = &p->graph;
	uint32_t n = g->n, t;

	for (uint32_t i = 0; downstream && i < n; i++) {
		t = order[i];
		for (uint32_t e = g->upat[t]; e < g->upat[t + 1]; e++)
			chosen[t] |= chosen[g->up[e]];
	}
	for (uint32_t i = n; upstream && i-- > 0;) {
		t = order[i];
		for (uint32_t e = g->downat[t]; e < g->downat[t + 1]; e++)
			chosen[t] |= chosen[g->down[e]];
	}
}

/* would it wait again, once what it depends on is to be decided anew? */
static bool
undone(const struct plan *p, uint32_t t, enum state s, bool fail)
{
	if (planmap_joint(p, t))
		return state_ended(s);
	return s == STATE_READY || (s == STATE_UPSTREAM_FAILED && !fail);
}

bool *
reach_undone(const struct plan *p, const uint32_t *order,
    const struct instance *inst, const bool *chosen, bool fail)
{
	const struct graph *g = &p->graph;
	bool *again = calloc(g->n, sizeof *again), below;
	const struct plan_bound *b;
	uint32_t t, u;

	/* what waits passes it on: again is true of that as well, at first */
	for (uint32_t i = 0; again && i < g->n; i++) {
		t = order[i];
		below = false;
		for (uint32_t e = g->upat[t]; e < g->upat[t + 1]; e++) {
			u = g->up[e];
			below |= chosen[u] || again[u];
		}
		for (b = p->nbound ? scope_bound(p, t) : NULL;
		    b && b < p->bound + p->nbound && b->task == t; b++)
			below |= chosen[b->setup] || again[b->setup];
		again[t] = below && !chosen[t] && (inst[t].state ==
		    STATE_WAITING || undone(p, t, inst[t].state, fail));
	}
	for (t = 0; again && t < g->n; t++)
		again[t] &= inst[t].state != STATE_WAITING;
	return again;
}

/* the number that a task of one plan had in another, or -1 */
static int64_t
was_number(const struct plan *was, const struct plan *p, uint32_t t)
{
	char name[TASK_LEN + 1];

	plan_name(p, t, name);
	return plan_find(was, name, strlen(name));
}

struct untorn {
	const struct instance *inst;
	bool *chosen;
};

static int
spare(void *arg, uint32_t down, uint32_t setup)
{
	struct untorn *u = arg;

	if (!state_ended(u->inst[down].state)) {
		u->chosen[down] = false;
		if (u->inst[setup].state == STATE_SUCCESS)
			u->chosen[setup] = false;
	}
	return 0;
}

int
reach_untorn(const struct plan *p, const struct instance *inst, bool *chosen)
{
	struct untorn u = {inst, chosen};

	return scope_each(p, spare, &u);
}

bool *
reach_again(const struct plan *was, const bool *chosen, const struct plan *p)
{
	bool *now = calloc(p->n, sizeof *now);
	int64_t t;

	for (uint32_t i = 0; now && i < p->n; i++)
		now[i] = (t = was_number(was, p, i)) >= 0 && chosen[t];
	return now;
}

struct instance *
reach_states(const struct plan *was, const struct instance *inst,
    const struct plan *p)
{
	struct instance *now = calloc(p->n, sizeof *now);
	int64_t t;

	for (uint32_t i = 0; now && i < p->n; i++) {
		t = was_number(was, p, i);
		now[i] = t >= 0 ? inst[t] :
		    (struct instance){STATE_WAITING, 0};
	}
	return now;
}
