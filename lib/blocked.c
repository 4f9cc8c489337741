/* blocked: what waits because of a task that failed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blocked.h"
#include "look.h"

enum { NAMED = 5 };

/* marks what is below a task and has not ended well, through such tasks */
static void
spread(const struct look *l, const uint32_t *order, uint32_t from,
    bool *below)
{
	const struct graph *g = &l->plan->graph;
	enum state s;
	uint32_t t;

	memset(below, 0, g->n * sizeof *below);
	below[from] = true;
	for (uint32_t i = 0; i < g->n; i++) {
		t = order[i];
		s = l->inst[t].state;
		if (s != STATE_UPSTREAM_FAILED && s != STATE_WAITING &&
		    s != STATE_HELD)
			continue;
		for (uint32_t e = g->upat[t]; e < g->upat[t + 1]; e++)
			below[t] |= below[g->up[e]];
	}
	below[from] = false;
}

static void
say(struct look *l, uint32_t task, const bool *below, struct view *v)
{
	char name[TASK_LEN + 1], when[INSTANT_LEN];
	struct id id = l->id;
	struct buf b = BUF_INIT, names = BUF_INIT;
	struct marker_sum s;
	unsigned n = 0;

	look_marker(l, task, &s);
	plan_name(l->plan, task, id.task);
	row_instant(when, s.end);
	for (uint32_t t = 0; t < l->plan->n; t++)
		if (below[t] && n++ < NAMED)
			buf_fmt(&names, "%s%s", n > 1 ? ", " : "",
			    plan_name(l->plan, t, name));
	if (when[0])
		buf_fmt(&b, "since %s, ", when);
	if (n)
		buf_fmt(&b, "%u task%s because of it: %s%s", n, n == 1 ?
		    " waits" : "s wait", buf_cstr(&names), n > NAMED ?
		    ", ..." : "");
	else
		buf_str(&b, "nothing waits because of it");
	view_why(v, &id, state_name(l->inst[task].state), buf_cstr(&b));
	buf_free(&b);
	buf_free(&names);
}

int
blocked_run(struct spool *sp, const struct id *id, struct view *v,
    struct buf *why)
{
	uint32_t *order = NULL;
	bool *below = NULL;
	struct look l;
	int64_t only = -1;
	int x = -1, e;

	if (look_open(sp, id, &l, why) < 0)
		return -1;
	if (id->task[0])
		only = plan_find(l.plan, id->task, strlen(id->task));
	order = graph_order(&l.plan->graph);
	below = calloc(l.plan->n, sizeof *below);
	if (order && below) {
		for (uint32_t t = 0; t < l.plan->n; t++) {
			if (l.inst[t].state != STATE_FAILED ||
			    (id->task[0] && t != only))
				continue;
			spread(&l, order, t, below);
			say(&l, t, below, v);
		}
		x = 0;
	}
	e = errno;
	free(order);
	free(below);
	look_close(&l);
	errno = e;
	return x;
}
