/* scope: setups, teardowns, and what is between them. */
#include <stdlib.h>
#include <string.h>

#include "scope.h"

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

/* a teardown and one of its setups */
static void
add_pair(const struct plan *p, uint32_t down, uint32_t setup,
    const bool *before, bool *after, uint32_t *todo, bool *chosen)
{
	bool any = false;

	spread(&p->graph, setup, false, after, todo);
	for (uint32_t t = 0; t < p->n && !any; t++)
		any = chosen[t] && before[t] && after[t] && t != down;
	if (any)
		chosen[down] = chosen[setup] = true;
}

int
scope_add(const struct plan *p, bool *chosen)
{
	bool *before = NULL, *after = NULL;
	uint32_t *todo = NULL, t;
	struct buf b = BUF_INIT;
	const char *w;
	int64_t setup;
	size_t n;

	for (t = 0; t < p->n; t++) {
		if (!(p->task[t].keys & PLAN_TEARDOWN))
			continue;
		if (!todo) {
			before = malloc(p->n * sizeof *before);
			after = malloc(p->n * sizeof *after);
			todo = malloc(p->n * sizeof *todo);
		}
		w = plan_get(p, t, "teardown", &b);
		if (!before || !after || !todo || !w)
			break;
		spread(&p->graph, t, true, before, todo);
		for (; *w; w += n) {
			w += strspn(w, " \t\n");
			n = strcspn(w, " \t\n");
			if (n && (setup = plan_find(p, w, n)) >= 0)
				add_pair(p, t, (uint32_t)setup, before, after,
				    todo, chosen);
		}
	}
	free(before);
	free(after);
	free(todo);
	buf_free(&b);
	return t < p->n ? -1 : 0;
}
