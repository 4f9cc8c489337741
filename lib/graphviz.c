/* graphviz: places of a graph as dot finds them, where it is installed. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture.h"
#include "dagcache.h"
#include "graphviz.h"

/*
 * In the cache there is a file a DAG: for each graph a line with the lengths
 * of what dot was told and of what it said, then both.
 */
enum {
	LINES = 3000,		/* of larger graphs dot takes too long */
	TIME = 2000,		/* ms, for a graph, */
	TIMES = 5000,		/* and for all at one time */
	SAID = 8 << 20,		/* bytes */
	DPI = 72, BEYOND = 100000,
};

static void
file_name(const struct graphviz *g, char name[NAME_LEN + 16])
{
	snprintf(name, NAME_LEN + 16, "graph.%s", g->dag);
}

/* to the front */
static void
use(struct graphviz *g, size_t i)
{
	struct graphviz_kept k = g->kept[i];

	memmove(g->kept + 1, g->kept, i * sizeof k);
	g->kept[0] = k;
}

static void
load(struct graphviz *g)
{
	struct buf text = BUF_INIT;
	char name[NAME_LEN + 16], *p, *end;
	unsigned long in, out;
	struct graphviz_kept *k;

	file_name(g, name);
	if (dagcache_read(name, &text) < 0) {
		buf_free(&text);
		return;
	}
	for (p = buf_cstr(&text), end = p + text.n; g->n < GRAPHVIZ_KEPT &&
	    isdigit((unsigned char)*p); p += in + out) {
		in = strtoul(p, &p, 10);
		out = *p == ' ' ? strtoul(p, &p, 10) : 0;
		if (*p++ != '\n' || in > (size_t)(end - p) ||
		    out > (size_t)(end - p) - in)
			break;
		k = &g->kept[g->n++];
		*k = (struct graphviz_kept){0};
		buf_add(&k->in, p, in);
		buf_add(&k->out, p + in, out);
	}
	buf_free(&text);
}

static void
save(const struct graphviz *g)
{
	struct buf text = BUF_INIT;
	char name[NAME_LEN + 16];

	for (size_t i = 0; i < g->n; i++) {
		buf_fmt(&text, "%zu %zu\n", g->kept[i].in.n,
		    g->kept[i].out.n);
		buf_add(&text, g->kept[i].in.p, g->kept[i].in.n);
		buf_add(&text, g->kept[i].out.p, g->kept[i].out.n);
	}
	file_name(g, name);
	if (!text.err)
		dagcache_write(name, &text);
	buf_free(&text);
}

void
graphviz_dag(struct graphviz *g, const char *dag)
{
	if (strcmp(g->dag, dag) == 0)
		return;
	if (g->changed)
		save(g);
	for (; g->n > 0; g->n--) {
		buf_free(&g->kept[g->n - 1].in);
		buf_free(&g->kept[g->n - 1].out);
	}
	g->changed = false;
	snprintf(g->dag, sizeof g->dag, "%s", dag);
	if (dag[0])
		load(g);
}

void
graphviz_end(struct graphviz *g)
{
	graphviz_dag(g, "");
	*g = (struct graphviz){0};
}

/* what dot is told: numbers, no names */
static void
describe(const struct graph *g, const double *wide, struct buf *b)
{
	buf_fmt(b, "digraph {\ngraph [rankdir=LR, nodesep=0.2, ranksep=0.6]\n"
	    "node [shape=box, fixedsize=true, height=%.3f, label=\"\"]\n"
	    "edge [arrowhead=none]\n", (double)PLACES_HIGH / DPI);
	for (uint32_t t = 0; t < g->n; t++)
		buf_fmt(b, "%u [width=%.3f]\n", t, wide[t] / DPI);
	for (uint32_t v = 0; v < g->n; v++)
		for (uint32_t e = g->upat[v]; e < g->upat[v + 1]; e++)
			buf_fmt(b, "%u -> %u\n", g->up[e], v);
	buf_str(b, "}\n");
}

static int
ask(struct graphviz *g, const struct capture *c, struct buf *out, int *status)
{
	struct timespec from, to;
	int how;

	clock_gettime(CLOCK_MONOTONIC, &from);
	how = capture_run(c, out, status);
	clock_gettime(CLOCK_MONOTONIC, &to);
	g->spent += (to.tv_sec - from.tv_sec) * 1000 +
	    (to.tv_nsec - from.tv_nsec) / 1000000;
	g->gone = how != CAPTURE_ENDED || g->spent > TIMES;
	return how;
}

/* what is kept of it, else what dot says now; NULL: nothing */
static const struct buf *
answer(struct graphviz *g, struct buf *in)
{
	static const char *const argv[] = {"dot", "-Tplain", NULL};
	struct capture c = { .argv = argv, .in = buf_cstr(in), .quiet = true,
	    .ms = TIME, .max = SAID };
	struct buf out = BUF_INIT;
	int how, status;

	for (size_t i = 0; i < g->n; i++)
		if (g->kept[i].in.n == in->n &&
		    memcmp(g->kept[i].in.p, in->p, in->n) == 0) {
			use(g, i);
			return &g->kept[0].out;
		}
	if (g->gone || in->err)
		return NULL;
	how = ask(g, &c, &out, &status);
	if (how < 0 || how == CAPTURE_NOT) {
		buf_free(&out);
		return NULL;
	}
	/* what it could not do now it is not asked again */
	if (how != CAPTURE_ENDED || status != 0 || out.err)
		buf_free(&out);
	if (g->n == GRAPHVIZ_KEPT) {
		g->n--;
		buf_free(&g->kept[g->n].in);
		buf_free(&g->kept[g->n].out);
	}
	g->kept[g->n++] = (struct graphviz_kept){*in, out};
	*in = (struct buf)BUF_INIT;
	use(g, g->n - 1);
	g->changed = true;
	return &g->kept[0].out;
}

/* the next number of a line, as pixels */
static bool
number(char **p, double *x)
{
	char *from = *p;

	*x = strtod(from, p) * DPI;
	return *p > from && *x > -BEYOND && *x < BEYOND;
}

/* the next number of a line, if it is less than n */
static bool
index_of(char **p, size_t n, size_t *i)
{
	char *from = *p;

	from += *from == ' ';
	if (!isdigit((unsigned char)*from))
		return false;
	*i = strtoul(from, p, 10);
	return *i < n;
}

static int
take_line(struct places *p, const struct graph *g, char *s)
{
	size_t from, to, n;
	double x, y;

	if (p->lines == g->upat[g->n] || !index_of(&s, g->n, &from) ||
	    !index_of(&s, g->n, &to) || !index_of(&s, SAID, &n) ||
	    n % 3 != 1)
		return 0;
	places_line(p, (uint32_t)from, (uint32_t)to);
	for (; n > 0; n--) {
		if (!number(&s, &x) || !number(&s, &y))
			return 0;
		if (places_point(p, x, p->high - y) < 0)
			return -1;
	}
	return 1;
}

/* takes what dot said; 1; 0: it is something else; -1, ENOMEM */
static int
take(struct places *p, const struct graph *g, const double *wide, char *s)
{
	size_t boxes = 0, i;
	double x, y;
	int r = 1;

	if (strncmp(s, "graph 1 ", 8) != 0)
		return 0;
	s += 8;
	if (!number(&s, &p->wide) || !number(&s, &p->high) || p->wide <= 0 ||
	    p->high <= 0)
		return 0;
	while (r > 0 && (s = strchr(s, '\n'))) {
		if (strncmp(++s, "node ", 5) == 0) {
			s += 4;
			if (!index_of(&s, g->n, &i) || !number(&s, &x) ||
			    !number(&s, &y) || boxes++ == g->n)
				return 0;
			p->box[i] = (struct places_box){x, p->high - y,
			    wide[i]};
		} else if (strncmp(s, "edge ", 5) == 0)
			r = take_line(p, g, s + 4);
	}
	if (r <= 0)
		return r;
	return boxes == g->n && p->lines == g->upat[g->n];
}

/* all of it away from the edge */
static void
frame(struct places *p, uint32_t n)
{
	p->wide += 2 * PLACES_EDGE;
	p->high += 2 * PLACES_EDGE;
	for (size_t i = 0; i < p->points; i++) {
		p->point[i].x += PLACES_EDGE;
		p->point[i].y += PLACES_EDGE;
	}
	for (uint32_t t = 0; t < n; t++) {
		p->box[t].x += PLACES_EDGE;
		p->box[t].y += PLACES_EDGE;
	}
}

int
graphviz_places(struct graphviz *g, const struct graph *graph,
    const double *wide, struct places *p)
{
	struct buf in = BUF_INIT, text = BUF_INIT;
	const struct buf *out;
	int r = 0;

	*p = (struct places){0};
	if (graph->upat[graph->n] > LINES)
		return 0;
	describe(graph, wide, &in);
	out = answer(g, &in);
	if (out && out->n) {
		buf_add(&text, out->p, out->n);
		r = places_begin(p, graph);
		if (r == 0)
			r = take(p, graph, wide, buf_cstr(&text));
	}
	if (r > 0)
		frame(p, graph->n);
	buf_free(&in);
	buf_free(&text);
	return r;
}
