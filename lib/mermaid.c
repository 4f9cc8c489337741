/* mermaid: a DAG as a graph in the language of mermaid. */
#include "mermaid.h"

/*
 * Nodes are t0, t1, …, since a task may be called "end" or "class"; names are
 * labels, in which no character of theirs has a meaning.
 */
void
mermaid_print(const struct plan *p, FILE *f)
{
	const struct graph *g = &p->graph;

	fprintf(f, "---\ntitle: \"%s\"\n---\nflowchart LR\n", p->dag);
	for (uint32_t t = 0; t < p->n; t++)
		fprintf(f, "\tt%u[\"%.*s\"]\n", t, (int)p->task[t].namelen,
		    p->task[t].name);
	for (uint32_t t = 0; t < p->n; t++)
		for (uint32_t e = g->upat[t]; e < g->upat[t + 1]; e++)
			fprintf(f, "\tt%u --> t%u\n", g->up[e], t);
}
