/* whygate: in words, what of other runs keeps a task from its turn. */
#include <string.h>

#include "child.h"
#include "gate.h"
#include "others.h"
#include "whygate.h"

enum { NAMED = 5 };	/* slots of a DAG that are told one by one */

struct tell {
	struct buf *out;
	struct spool *sp;
	int64_t from, to;
};

static void
put_slot(struct buf *b, const char *dag, const char *task,
    const struct other *o)
{
	char when[INSTANT_LEN];

	instant_format(when, o->time, 0);
	buf_fmt(b, "it comes after %s/%s, ", dag, task);
	if (!o->run && o->decided)
		buf_fmt(b, "whose slot of %s was missed, which counts as "
		    "skipped\n", when);
	else if (!o->run)
		buf_fmt(b, "whose slot of %s has no run yet: dagsched --why "
		    "%s\n", when, dag);
	else if (o->state == STATE_NONE)
		buf_fmt(b, "which has not ended in %s/%s: dagstat --why "
		    "%s/%s\n", dag, o->run->name, dag, o->run->name);
	else
		buf_fmt(b, "which is %s in %s/%s\n", state_name(o->state),
		    dag, o->run->name);
}

static int
tell(const char *dag, const char *task, void *arg)
{
	struct tell *t = arg;
	struct others o;
	size_t told = 0, more = 0;
	int x = others_load(&o, t->sp, dag, task, t->from, t->to);

	for (size_t i = 0; x == 0 && i < o.n; i++) {
		if (o.list[i].state == STATE_SUCCESS)
			continue;
		if (told < NAMED)
			put_slot(t->out, dag, task, &o.list[i]);
		more += told++ >= NAMED;
	}
	if (more)
		buf_fmt(t->out, "it comes after %s/%s, of which %zu more have "
		    "not succeeded\n", dag, task, more);
	if (x == 0 && o.n == 0)
		buf_fmt(t->out, "it comes after %s/%s, which %s\n", dag, task,
		    o.known ? "has no slot yet: that counts as skipped" :
		    "this spool does not know: dagsched | dagq tells it");
	others_free(&o);
	return x;
}

static int
put_past(struct run *r, uint32_t task, struct buf *b)
{
	struct buf where = BUF_INIT;
	struct gate g = {.run = r, .watch = &where};
	int x = gate_past(&g, task);
	const char *tab = strchr(buf_cstr(&where), '\t');

	if (x == 0 && tab) {
		size_t n = strcspn(tab + 1, "\n");
		bool all = n == 1 && tab[1] == '@';

		buf_fmt(b, "it waits for the run before it: %s/%s%s%.*s has "
		    "not %s\n", r->dag, g.before, all ? "" : "/",
		    all ? 0 : (int)n, tab + 1, gate_depends(r->plan, task) ?
		    "succeeded" : "ended");
	}
	buf_free(&where);
	return x;
}

static int
put_child(struct run *r, uint32_t task, struct buf *b)
{
	struct instance waiting = {STATE_WAITING, 0};
	enum state s = STATE_NONE;
	struct child c;
	int x = child_of(r, task, waiting, &c);

	if (x > 0)
		x = others_state(r->spool, c.dag, c.run, "", &s) < 0 ? -1 : 1;
	if (x > 0 && s == STATE_NONE)
		buf_fmt(b, "it waits for %s/%s, the run of the DAG that it "
		    "runs%s: dagstat --why %s/%s\n", c.dag, c.run, c.over ?
		    ", which is being ended" : "", c.dag, c.run);
	return x < 0 ? -1 : 0;
}

int
whygate(struct run *r, uint32_t task, struct buf *b)
{
	struct tell t = {.out = b, .sp = r->spool};

	if (!(r->plan->keys & PLAN_GATED))
		return 0;
	if (r->plan->task[task].keys & PLAN_OTHERS &&
	    (others_interval(r, &t.from, &t.to) < 0 ||
	    gate_each(r->plan, task, tell, &t) < 0))
		return -1;
	return put_past(r, task, b) < 0 || put_child(r, task, b) < 0 ? -1 : 0;
}
