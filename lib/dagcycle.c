/* dagcycle: the cycles of a definition, each with the place of its edges. */
#include <stdlib.h>
#include <string.h>

#include "dagcycle.h"
#include "graph.h"
#include "lang.h"

enum {
	CYCLES = 10,		/* cycles that are reported, at most */
};

/* an edge whose place is looked for */
struct edge {
	struct dagedges *e;
	uint32_t up;
	uint32_t *line, *col;
};

static void
note_place(void *arg, const char *word, const struct dagtext_span *span,
    size_t off)
{
	struct edge *edge = arg;
	const struct daggroups *g = &edge->e->groups;
	uint32_t group = daggroups_find(g, word, strlen(word));

	if (dagedges_find(edge->e, word, strlen(word)) == edge->up ||
	    (group < g->n && g->of[edge->up] == group))
		dagtext_place(edge->e->lex->text, span, off, edge->line,
		    edge->col);
}

/* where a task, or its group, says that it comes after up */
static void
edge_place(struct dagedges *e, uint32_t task, uint32_t up, uint32_t *line,
    uint32_t *col)
{
	const struct daglex_section *s = dagedges_section(e, task);
	const struct daggroups *g = &e->groups;
	struct edge edge = {e, up, line, col};

	*line = s->line;
	*col = 1;
	if (g->n && g->of[task] < g->n)
		dagedges_words(e, &e->lex->section[g->section[g->of[task]]],
		    LANG_AFTER, note_place, &edge);
	dagedges_words(e, s, LANG_TEARDOWN, note_place, &edge);
	dagedges_words(e, s, LANG_AFTER, note_place, &edge);
}

/* all edges of a cycle, from its first task in the file upstream */
static void
report(struct dagedges *e, const uint32_t *cycle, size_t len)
{
	uint32_t line, col, up, task;
	size_t first = 0, na, nb;
	const char *a, *b;

	for (size_t i = 1; i < len; i++)
		if (cycle[i] < cycle[first])
			first = i;
	for (size_t i = 0; i < len; i++) {
		task = cycle[(first + len - i) % len];
		up = cycle[(first + 2 * len - i - 1) % len];
		edge_place(e, task, up, &line, &col);
		if (i == 0)
			dagerr_add(e->err, line, col, "a cycle: %zu tasks wait "
			    "for each other", len);
		a = dagedges_name(e, task, &na);
		b = dagedges_name(e, up, &nb);
		dagerr_detail(e->err, line, col, "\"%.*s\" comes after "
		    "\"%.*s\"", (int)na, a, (int)nb, b);
	}
}

/* takes the edges of the tasks in a cycle away, to find the next one */
static void
without(struct dagedges *e, struct graph *g, const uint32_t *cycle,
    size_t len)
{
	uint32_t n = 0, first = 0, next;

	memset(e->stamp, 0, e->n * sizeof *e->stamp);
	for (size_t i = 0; i < len; i++)
		e->stamp[cycle[i]] = 1;
	for (uint32_t t = 0; t < e->n; t++) {
		next = g->upat[t + 1];
		for (uint32_t i = first; i < next; i++)
			if (!e->stamp[t] && !e->stamp[g->up[i]])
				g->up[n++] = g->up[i];
		first = next;
		g->upat[t + 1] = n;
	}
	e->at = g->upat;
	e->from = g->up;
	g->upat = g->up = NULL;
	graph_free(g);
}

int
dagcycle_report(struct dagedges *e)
{
	uint32_t *cycle, *from;
	struct graph g;
	size_t len;

	/* tasks that come after none */
	for (uint32_t t = 0; t < e->n; t++)
		if (e->at[t + 1] < e->at[t])
			e->at[t + 1] = e->at[t];
	for (int i = 0; i < CYCLES; i++) {
		from = e->from ? e->from : malloc(sizeof *from);
		if (!from)
			return -1;
		if (graph_make(&g, e->n, e->at, from) < 0) {
			e->at = e->from = NULL;
			return -1;
		}
		e->at = e->from = NULL;
		cycle = graph_cycle(&g, &len);
		if (!cycle) {
			graph_free(&g);
			return len ? -1 : 0;
		}
		report(e, cycle, len);
		without(e, &g, cycle, len);
		free(cycle);
	}
	return 0;
}

