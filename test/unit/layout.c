/* layout: layers behind upstreams, no two in one place, bends; and the
 * critical path. */
#include <stdlib.h>
#include <string.h>

#include "critical.h"
#include "layout.h"

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

/* vertices at LAYER.ROW, then the bends of each edge that has some */
static void
drawn(const struct graph *g, const struct layout *l, char *out, size_t n)
{
	size_t k = 0;

	out[0] = '\0';
	for (uint32_t v = 0; v < g->n; v++)
		k += (size_t)snprintf(out + k, n - k, "%s%u.%u", v ? " " : "",
		    l->layer[v], l->row[v]);
	for (uint32_t e = 0; e < g->upat[g->n]; e++)
		for (uint32_t b = l->bendat[e]; b < l->bendat[e + 1]; b++)
			k += (size_t)snprintf(out + k, n - k, "%s%u",
			    b == l->bendat[e] ? " ~" : ",", l->bend[b]);
}

static void
check(uint32_t n, const char *text, const char *wanted)
{
	struct graph g;
	struct layout l;
	char got[256];

	make(&g, n, text);
	if (layout_make(&l, &g) < 0)
		exit(1);
	drawn(&g, &l, got, sizeof got);
	ok(strcmp(got, wanted) == 0, "%s gives %s", text, got);
	layout_free(&l);
	graph_free(&g);
}

/* every vertex two half rows from the others of its layer, behind its
 * upstreams; deterministic numbers, no seed */
static void
many(uint32_t n, uint32_t each, uint32_t back)
{
	uint32_t *at = calloc(n + 1, sizeof *at);
	uint32_t *from = calloc((size_t)n * each + 1, sizeof *from);
	uint32_t m = 0, r = 1, bad = 0;
	unsigned char *used;
	struct graph g;
	struct layout l;

	for (uint32_t v = 0; at && from && v < n; v++) {
		for (uint32_t i = 0; v > 0 && i < each; i++) {
			r = r * 1103515245 + 12345;
			from[m++] = v - 1 - (r >> 8) % (v < back ? v : back);
		}
		at[v + 1] = m;
	}
	if (!at || !from || graph_make(&g, n, at, from) < 0 ||
	    layout_make(&l, &g) < 0)
		exit(1);
	used = calloc((size_t)l.layers * (l.height + 1), 1);
	for (uint32_t v = 0; used && v < n; v++) {
		unsigned char *u = used + (size_t)l.layer[v] *
		    (l.height + 1) + l.row[v];

		bad += u[0] || u[1] || (l.row[v] > 0 && u[-1]) ||
		    l.row[v] >= l.height;
		u[0] = 1;
		for (uint32_t e = g.upat[v]; e < g.upat[v + 1]; e++)
			bad += l.layer[g.up[e]] >= l.layer[v];
	}
	ok(used && bad == 0, "%u vertices, %u edges each, %u back", n, each,
	    back);
	free(used);
	layout_free(&l);
	graph_free(&g);
}

static void
critical(uint32_t n, const char *text, const double *seconds,
    const char *wanted, double sum)
{
	char got[64] = "";
	struct graph g;
	double total;
	size_t len;
	uint32_t *path;

	make(&g, n, text);
	path = critical_path(&g, seconds, &len, &total);
	for (size_t i = 0; i < len; i++)
		got[i] = (char)('0' + path[i]);
	ok(strcmp(got, wanted) == 0 && total == sum, "%s: %s, %g s", text,
	    got, total);
	free(path);
	graph_free(&g);
}

int
main(void)
{
	check(0, "", "");
	check(1, ",", "0.0");
	check(3, ",0,1,", "0.0 1.0 2.0");
	check(4, ",0,0,1 2,", "0.1 1.0 1.2 2.1");
	check(3, ",,,", "0.0 0.2 0.4");
	/* the lower of two chains crosses nothing */
	check(4, ",,1,0,", "0.0 0.2 1.2 1.0");
	/* an edge over a layer goes around what is there */
	check(3, ",0,0 1,", "0.1 1.0 2.1 ~2");
	many(1000, 2, 20);
	many(1000, 3, 1000);
	many(20000, 1, 20000);
	critical(0, "", NULL, "", 0);
	critical(4, ",0,0,1 2,", (double[]){1, 2, 3, 1}, "023", 5);
	critical(4, ",0,0,1 2,", (double[]){1, 2, 2, -1}, "01", 3);
	critical(3, ",,,", (double[]){0, 0, 0}, "0", 0);
	critical(3, ",0,,", (double[]){1, 1, 9}, "2", 9);
	return tap_end();
}
