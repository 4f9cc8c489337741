/* asked: a task that is asked about, and what it comes after. */
#include "asked.h"
#include "decide.h"
#include "planmap.h"
#include "scope.h"
#include "trigger.h"

void
asked_say(const struct asked *a, struct buf *b)
{
	view_why(a->view, &a->id, state_name(a->in.state), buf_cstr(b));
	buf_reset(b);
}

void
asked_when(struct buf *b, const char *before, const char *instant)
{
	char text[INSTANT_LEN];

	row_instant(text, instant);
	if (*text)
		buf_fmt(b, "%s%s", before, text);
}

void
asked_end(struct buf *b, const struct marker_sum *s)
{
	if (s->signal[0])
		buf_fmt(b, ", signal %s", s->signal);
	else if (s->exit[0])
		buf_fmt(b, ", exit %s", s->exit);
	asked_when(b, " at ", s->end);
	if (s->child[0])
		buf_fmt(b, ", with %s", s->child);
	if (s->cause[0])
		buf_fmt(b, ", it ran since %s", s->cause);
	if (s->reason[0])
		buf_fmt(b, ", reason: %s", s->reason);
	if (s->note[0])
		buf_fmt(b, ", note: %s", s->note);
}

/* is it to go on when these have ended? */
static bool
waits(const struct asked *a)
{
	return a->in.state == STATE_WAITING || a->in.state == STATE_HELD;
}

/* one upstream that is not a success */
static void
put_upstream(const struct asked *a, struct buf *b, uint32_t up)
{
	char name[TASK_LEN + 1];
	struct marker_sum s;

	buf_fmt(b, "it comes after %s, which ", plan_name(a->look->plan, up,
	    name));
	switch (a->look->inst[up].state) {
	case STATE_RUNNING:
		look_marker(a->look, up, &s);
		buf_fmt(b, "is running (attempt %u",
		    a->look->inst[up].attempt);
		asked_when(b, ", since ", s.start);
		buf_str(b, ")");
		break;
	case STATE_FAILED:
		look_marker(a->look, up, &s);
		buf_str(b, "failed");
		asked_end(b, &s);
		break;
	case STATE_HELD:
		buf_fmt(b, "is held: dagq --release %s/%s/%s", a->id.dag,
		    a->id.run, name);
		break;
	default:
		buf_fmt(b, "is %s", state_name(a->look->inst[up].state));
	}
}

/* a mapped task waits for its instances: which have not ended */
static unsigned
instances(const struct asked *a, struct buf *b)
{
	const struct graph *g = &a->look->plan->graph;
	unsigned n = 0;
	enum state s;

	for (uint32_t e = g->upat[a->task]; e < g->upat[a->task + 1]; e++) {
		s = a->look->inst[g->up[e]].state;
		if (waits(a) ? state_ended(s) :
		    s != STATE_FAILED && s != STATE_UPSTREAM_FAILED)
			continue;
		put_upstream(a, b, g->up[e]);
		asked_say(a, b);
		n++;
	}
	return n;
}

/* an upstream in another group, of which something has not ended: the group
 * may start again; that task, or n */
static uint32_t
open_group(const struct asked *a, uint32_t up)
{
	const struct plan *p = a->look->plan;
	uint32_t t = p->again && waits(a) && p->again[up] &&
	    p->again[up] != p->again[a->task] ? 0 : p->n;

	while (t < p->n && (p->again[t] != p->again[up] ||
	    state_ended(a->look->inst[t].state)))
		t++;
	return t;
}

/* setups that it is bound to, and that have not done well */
static unsigned
setups(const struct asked *a, struct buf *b)
{
	const struct plan *p = a->look->plan;
	unsigned n = 0;

	for (const struct plan_bound *s = scope_bound(p, a->task);
	    s < p->bound + p->nbound && s->task == a->task; s++) {
		if (a->look->inst[s->setup].state == STATE_SUCCESS)
			continue;
		put_upstream(a, b, s->setup);
		buf_str(b, "; that is to set up what it is in");
		asked_say(a, b);
		n++;
	}
	return n;
}

unsigned
asked_upstreams(const struct asked *a, struct buf *b)
{
	const struct graph *g = &a->look->plan->graph;
	unsigned rule = a->look->plan->task[a->task].when, n = 0;
	char name[TASK_LEN + 1];
	enum state s;
	uint32_t up, open;

	if (planmap_joint(a->look->plan, a->task))
		return instances(a, b);
	for (uint32_t e = g->upat[a->task]; e < g->upat[a->task + 1]; e++) {
		up = g->up[e];
		s = a->look->inst[up].state;
		open = state_ended(s) ? open_group(a, up) : g->n;
		if (open < g->n) {
			put_upstream(a, b, up);
			buf_fmt(b, ", and waits for all of its group: %s has "
			    "not ended", plan_name(a->look->plan, open, name));
			asked_say(a, b);
			n++;
			continue;
		}
		if (rule == 0 && !decide_teardown(a->look->plan, a->task) ?
		    s == STATE_SUCCESS :
		    waits(a) && state_ended(s))
			continue;
		put_upstream(a, b, up);
		if (!rule && s == STATE_FAILED)
			buf_fmt(b, ": dagq --rerun %s/%s/%s", a->id.dag,
			    a->id.run, plan_name(a->look->plan, up, name));
		if (rule)
			buf_fmt(b, "; it runs when %s",
			    trigger_names[rule]);
		asked_say(a, b);
		n++;
	}
	return n + setups(a, b);
}
