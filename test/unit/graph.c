/* graph: edges both ways, cycles whole, orders; a chain of a million. */
#include <stdlib.h>
#include <string.h>

#include "graph.h"

#include "tap.h"

/* n vertices; the upstreams of each in text: "0 1,0,": "vertex by vertex" */
static void
make(struct graph *g, uint32_t n, const char *text)
{
	uint32_t *at = calloc(n + 1, sizeof *at);
	uint32_t *from = calloc(strlen(text) + 1, sizeof *from);
	uint32_t m = 0, v = 0;

	for (; at && from && *text; text++) {
		if (*text == ',')
			at[++v] = m;
		else if (*text != ' ')
			from[m++] = (uint32_t)(*text - '0');
	}
	if (!at || !from || graph_make(g, n, at, from) < 0)
		exit(1);
}

/* is the cycle found one of n vertices, each upstream of the next? */
static bool
cycle_ok(const struct graph *g, size_t n)
{
	size_t len, i;
	uint32_t *c = graph_cycle(g, &len), e;

	if (n == 0 || len != n)
		return n == 0 && !c && len == 0;
	for (i = 0; i < n; i++) {
		uint32_t v = c[(i + 1) % n];

		for (e = g->upat[v]; e < g->upat[v + 1]; e++)
			if (g->up[e] == c[i])
				break;
		if (e == g->upat[v + 1])
			break;
	}
	free(c);
	return i == n;
}

static bool
order_ok(const struct graph *g)
{
	uint32_t *order = graph_order(g);
	uint32_t *place = calloc(g->n + 1, sizeof *place);
	bool good = order && place;

	for (uint32_t i = 0; good && i < g->n; i++)
		place[order[i]] = i;
	for (uint32_t v = 0; good && v < g->n; v++)
		for (uint32_t e = g->upat[v]; e < g->upat[v + 1]; e++)
			good = good && place[g->up[e]] < place[v];
	free(order);
	free(place);
	return good;
}

static const struct {
	uint32_t n;
	const char *up;
	size_t cycle;
} table[] = {
	{0, "", 0}, {1, ",", 0}, {1, "0,", 1}, {2, ",0,", 0}, {2, "1,0,", 2},
	{4, ",0,0,1 2,", 0}, {5, "2,0,1,,3,", 3}, {5, ",0 4,1,2,3,", 4},
	{6, ",,0 1,2,3 4,4,", 1}, {3, "1 2,,,", 0},
};

static void
chain(uint32_t n, bool closed)
{
	uint32_t *at = calloc(n + 1, sizeof *at);
	uint32_t *from = calloc(n, sizeof *from);
	struct graph g;

	if (!at || !from)
		exit(1);
	at[1] = closed;
	from[0] = n - 1;
	for (uint32_t v = 1; v < n; v++) {
		from[at[v]] = v - 1;
		at[v + 1] = at[v] + 1;
	}
	if (graph_make(&g, n, at, from) < 0)
		exit(1);
	ok(cycle_ok(&g, closed ? n : 0), "a chain of %u%s", n,
	    closed ? ", closed" : "");
	if (!closed)
		ok(order_ok(&g), "a chain of %u in order", n);
	graph_free(&g);
}

int
main(void)
{
	struct graph g;

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		make(&g, table[i].n, table[i].up);
		ok(cycle_ok(&g, table[i].cycle), "cycle, case %zu", i);
		if (!table[i].cycle)
			ok(order_ok(&g), "order, case %zu", i);
		graph_free(&g);
	}
	make(&g, 4, ",0,0,1 2,");
	ok(g.downat[0] == 0 && g.downat[1] == 2 && g.down[0] == 1 &&
	    g.down[1] == 2 && g.downat[4] == 4, "edges downwards");
	graph_free(&g);
	chain(1000000, false);
	chain(1000000, true);
	return tap_end();
}
