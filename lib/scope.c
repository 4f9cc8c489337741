/* scope: setups, teardowns, and what is between them. */
#include <stdlib.h>
#include <string.h>

#include "scope.h"
#include "trigger.h"

/* marks task and all that is after it (or, up, before it) in seen; todo has
 * room for all */
static void
spread(const struct graph *g, uint32_t task, bool up, bool *seen,
    uint32_t *todo)
{
	const uint32_t *at = up ? g->upat : g->downat;
	const uint32_t *next = up ? g->up : g->down;
	uint32_t n = 1, t;

	memset(seen, 0, g->n * sizeof *seen);
	seen[task] = true;
	todo[0] = task;
	while (n > 0) {
		t = todo[--n];
		for (uint32_t e = at[t]; e < at[t + 1]; e++)
			if (!seen[next[e]]) {
				seen[next[e]] = true;
				todo[n++] = next[e];
			}
	}
}

int
scope_each(const struct plan *p, int (*f)(void *, uint32_t down,
    uint32_t setup), void *arg)
{
	struct buf b = BUF_INIT;
	const char *w;
	int64_t setup;
	size_t n;
	int x = 0;

	for (uint32_t t = 0; t < p->n && x == 0; t++) {
		if (!(p->task[t].keys & PLAN_TEARDOWN))
			continue;
		w = plan_get(p, t, "teardown", &b);
		for (x = w ? 0 : -1; x == 0 && *w; w += n) {
			w += strspn(w, " \t\n");
			n = strcspn(w, " \t\n");
			if (n && (setup = plan_find(p, w, n)) >= 0)
				x = f(arg, t, (uint32_t)setup);
		}
	}
	buf_free(&b);
	return x;
}

/* room for a look at all tasks */
struct looks {
	const struct plan *p;
	bool *before, *after, *chosen;
	uint32_t *todo, *order;
	struct plan *made;	/* scope_make: gets what is found */
};

static int
begin(struct looks *l)
{
	size_t n = l->p->n;

	l->before = malloc(n * sizeof *l->before);
	l->after = malloc(n * sizeof *l->after);
	l->todo = malloc(n * sizeof *l->todo);
	return l->before && l->after && l->todo ? 0 : -1;
}

static void
end(struct looks *l)
{
	free(l->before);
	free(l->after);
	free(l->todo);
	free(l->order);
}

/* chooses a teardown and its setup, if something between them is */
static int
add_pair(void *arg, uint32_t down, uint32_t setup)
{
	struct looks *l = arg;
	const struct graph *g = &l->p->graph;
	bool any = false;

	spread(g, down, true, l->before, l->todo);
	spread(g, setup, false, l->after, l->todo);
	for (uint32_t t = 0; t < g->n && !any; t++)
		any = l->chosen[t] && l->before[t] && l->after[t] && t != down;
	if (any)
		l->chosen[down] = l->chosen[setup] = true;
	return 0;
}

int
scope_add(const struct plan *p, bool *chosen)
{
	struct looks l = {.p = p, .chosen = chosen};
	int x = 0;

	if (p->keys & PLAN_TEARDOWN)
		x = begin(&l) < 0 ? -1 : scope_each(p, add_pair, &l);
	end(&l);
	return x;
}

static bool
comes_after(const struct graph *g, uint32_t task, uint32_t up)
{
	for (uint32_t e = g->upat[task]; e < g->upat[task + 1]; e++)
		if (g->up[e] == up)
			return true;
	return false;
}

static int
bind(struct plan *p, uint32_t task, uint32_t setup)
{
	uint32_t n = p->nbound;
	struct plan_bound *grown;

	if ((n & (n - 1)) == 0) {	/* as many as there is room for */
		grown = reallocarray(p->bound, n ? 2 * (size_t)n : 1,
		    sizeof *grown);
		if (!grown)
			return -1;
		p->bound = grown;
	}
	p->bound[p->nbound++] = (struct plan_bound){task, setup};
	return 0;
}

static int
by_task(const void *pa, const void *pb)
{
	const struct plan_bound *a = pa, *b = pb;

	return (a->task > b->task) - (a->task < b->task);
}

const struct plan_bound *
scope_bound(const struct plan *p, uint32_t task)
{
	uint32_t low = 0, high = p->nbound, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (p->bound[mid].task < task)
			low = mid + 1;
		else
			high = mid;
	}
	return p->bound + low;
}

/*
 * Binds what is between the two. Whose rule is the first, all-success, and
 * comes after the setup or one of those, needs not be: it goes by it anyway;
 * chosen says which.
 */
static int
bind_pair(void *arg, uint32_t down, uint32_t setup)
{
	struct looks *l = arg;
	const struct graph *g = &l->p->graph;
	const struct plan_task *task = l->p->task;
	int x = 0;

	spread(g, down, true, l->before, l->todo);
	spread(g, setup, false, l->after, l->todo);
	memset(l->chosen, 0, g->n * sizeof *l->chosen);
	l->chosen[setup] = true;
	for (uint32_t i = 0, t; i < g->n && x == 0; i++) {
		t = l->order[i];
		if (!l->after[t] || !l->before[t] || t == setup ||
		    (task[t].keys & PLAN_TEARDOWN))
			continue;
		for (uint32_t e = g->upat[t]; task[t].when == 0 &&
		    e < g->upat[t + 1]; e++)
			l->chosen[t] |= l->chosen[g->up[e]];
		if (!l->chosen[t] && task[t].when != TRIGGER_ALWAYS &&
		    !comes_after(g, t, setup))
			x = bind(l->made, t, setup);
	}
	return x;
}

bool
scope_binds(const struct plan *p, uint32_t setup)
{
	for (uint32_t i = 0; i < p->nbound; i++)
		if (p->bound[i].setup == setup)
			return true;
	return false;
}

int
scope_make(struct plan *p)
{
	struct looks l = {.p = p, .made = p};
	int x = -1;

	if ((p->keys & (PLAN_TEARDOWN | PLAN_RULED)) !=
	    (PLAN_TEARDOWN | PLAN_RULED))
		return 0;
	l.order = graph_order(&p->graph);
	l.chosen = malloc(p->n * sizeof *l.chosen);
	if (begin(&l) == 0 && l.order && l.chosen)
		x = scope_each(p, bind_pair, &l);
	if (p->nbound)
		qsort(p->bound, p->nbound, sizeof *p->bound, by_task);
	free(l.chosen);
	end(&l);
	return x;
}
