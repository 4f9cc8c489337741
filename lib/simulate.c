/* simulate: what would become of a DAG's tasks, if some ended so or so. */
#include <stdlib.h>
#include <string.h>

#include "decide.h"
#include "scope.h"
#include "simulate.h"
#include "trigger.h"

int
simulate_parse(const char *s, struct simulate_end *end)
{
	const char *eq = strchr(s, '=');

	if (!eq || !name_ok(s, (size_t)(eq - s)))
		return -1;
	*end = (struct simulate_end){s, (size_t)(eq - s),
	    state_parse(eq + 1, strlen(eq + 1)), false};
	return end->state == STATE_SUCCESS || end->state == STATE_FAILED ||
	    end->state == STATE_SKIPPED ? 0 : -1;
}

static enum state
in_memory(void *arg, uint32_t task)
{
	const struct instance *inst = arg;

	return inst[task].state;
}

static void
put(const struct plan *p, const struct instance *inst, struct buf *b)
{
	char name[NAME_LEN + 1];

	for (uint32_t t = 0; t < p->n; t++)
		buf_fmt(b, "%s/%s\t%s\n", p->dag, plan_name(p, t, name),
		    state_name(inst[t].state));
	buf_fmt(b, "%s\t%s\n", p->dag, run_state_name(decide_outcome(p, inst)));
}

int
simulate(struct plan *p, struct simulate_end *ends, size_t n,
    struct buf *b)
{
	enum state *end = malloc(p->n * sizeof *end), s;
	struct instance *inst = malloc(p->n * sizeof *inst);
	uint32_t *order = graph_order(&p->graph), t;
	bool any = false;
	int64_t found;
	int x = -1;

	if (!end || !inst || !order || scope_make(p) < 0)
		goto out;
	for (t = 0; t < p->n; t++)
		end[t] = STATE_SUCCESS;
	for (size_t i = 0; i < n; i++) {
		found = plan_find(p, ends[i].task, ends[i].namelen);
		if (found < 0)
			continue;
		end[found] = ends[i].state;
		any = ends[i].found = true;
	}
	for (uint32_t i = 0; i < p->n; i++) {
		t = order[i];
		s = decide_task(in_memory, inst, p, t, t,
		    p->task[t].keys & PLAN_OTHERS ? TRIGGER_SUCCESS : 0);
		inst[t].state = s == STATE_READY ? end[t] : s;
	}
	if (any)
		put(p, inst, b);
	x = b->err ? -1 : 0;
out:
	free(end);
	free(inst);
	free(order);
	return x;
}
