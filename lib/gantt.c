/* gantt: a run's tasks against time, the chain that made it so long marked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "critical.h"
#include "gantt.h"
#include "grid.h"
#include "look.h"
#include "row.h"
#include "sign.h"
#include "spans.h"

enum { NARROWEST = 4, WIDEST = 24, TIMES = 9, TICK = 10 };

struct bar {
	uint32_t task;
	double start, end;	/* since 1970 */
	bool critical;
};

struct gantt {
	struct look look;
	const struct term *term;
	struct bar *bar;	/* of those that have begun */
	size_t n;
	double start, end, now;
	uint32_t *path;		/* the critical one */
	size_t steps;
	double length;
	size_t width, room;	/* columns of a name, of a bar */
};

static void
put_seconds(double s, struct buf *b)
{
	char text[32];

	snprintf(text, sizeof text, "%.3f", s);
	row_put_seconds(b, text);
}

static int
take_bars(struct gantt *g)
{
	const struct plan *p = g->look.plan;
	double *took = malloc((p->n + 1) * sizeof *took);
	struct marker_sum sum;
	struct span all;
	struct bar *b;

	g->bar = calloc(p->n + 1, sizeof *g->bar);
	if (!took || !g->bar) {
		free(took);
		return -1;
	}
	for (uint32_t t = 0; t < p->n; t++) {
		b = &g->bar[g->n];
		took[t] = -1;
		look_marker(&g->look, t, &sum);
		if (!spans_all(&sum, g->look.inst[t].state, g->now, &all))
			continue;
		*b = (struct bar){ .task = t, .start = all.from,
		    .end = all.to };
		took[t] = b->end - b->start;
		if (g->n == 0 || b->start < g->start)
			g->start = b->start;
		if (g->n == 0 || b->end > g->end)
			g->end = b->end;
		g->n++;
	}
	g->path = critical_path(&p->graph, took, &g->steps, &g->length);
	free(took);
	return g->path || g->steps == 0 ? 0 : -1;
}

static void
mark_path(struct gantt *g)
{
	size_t b;

	/* the bars are in the order of the plan */
	for (size_t i = 0; i < g->steps; i++) {
		size_t low = 0, high = g->n;

		while (low < high) {
			b = (low + high) / 2;
			if (g->bar[b].task < g->path[i])
				low = b + 1;
			else
				high = b;
		}
		if (low < g->n && g->bar[low].task == g->path[i])
			g->bar[low].critical = true;
	}
}

/* how much a bar deserves to be seen */
static double
weight(const struct gantt *g, const struct bar *b)
{
	enum state s = g->look.inst[b->task].state;

	return (s == STATE_FAILED ? 4e12 : s == STATE_RUNNING ? 2e12 : 0) +
	    (b->critical ? 1e12 : 0) + b->end - b->start;
}

static int
heavier(const void *a, const void *b, void *arg)
{
	double x = weight(arg, a), y = weight(arg, b);
	const struct bar *p = a, *q = b;

	return x != y ? (x < y) - (x > y) : (p->task > q->task) -
	    (p->task < q->task);
}

static int
earlier(const void *a, const void *b)
{
	const struct bar *p = a, *q = b;
	int c = (p->start > q->start) - (p->start < q->start);

	return c ? c : (p->task > q->task) - (p->task < q->task);
}

/* keeps those that deserve it most, and sorts; how many are left out */
static size_t
choose(struct gantt *g, bool all)
{
	size_t out = 0;

	if (!all && g->n > PICTURE_LINES) {
		qsort_r(g->bar, g->n, sizeof *g->bar, heavier, g);
		out = g->n - PICTURE_LINES;
		g->n = PICTURE_LINES;
	}
	if (g->n)
		qsort(g->bar, g->n, sizeof *g->bar, earlier);
	return out;
}

static void
measure(struct gantt *g)
{
	char name[NAME_LEN + 1];
	size_t n;

	g->width = NARROWEST;
	for (size_t i = 0; i < g->n; i++) {
		n = strlen(plan_name(g->look.plan, g->bar[i].task, name));
		if (n > g->width)
			g->width = n < WIDEST ? n : WIDEST;
	}
	/* "* name S ", the bar, and how long it took */
	n = g->width + 5 + TIMES;
	g->room = g->term->cols > n + 10 ? g->term->cols - n : 10;
}

static size_t
column(const struct gantt *g, double at)
{
	double all = g->end - g->start, c;

	c = all > 0 ? (at - g->start) / all * (double)g->room : 0;
	return c < 0 ? 0 : c >= (double)g->room ? g->room - 1 : (size_t)c;
}

/* '#' where an attempt ran, '-' between two of them, ' ' else */
static void
plot(const struct gantt *g, char *cell, double from, double to, char with)
{
	for (size_t c = column(g, from); c <= column(g, to); c++)
		if (cell[c] == ' ' || with == '#')
			cell[c] = with;
}

static void
plot_attempts(struct gantt *g, const struct bar *bar, char *cell)
{
	struct spans spans = {0};
	struct marker_sum sum;

	look_marker(&g->look, bar->task, &sum);
	spans_find(&spans, &g->look, bar->task, &sum, g->now);
	for (size_t i = 0; i < spans.n; i++)
		plot(g, cell, spans.each[i].from, spans.each[i].to, '#');
	plot(g, cell, bar->start, bar->end, '-');
	spans_free(&spans);
}

static void
put_cells(const struct gantt *g, const struct bar *bar, const char *cell,
    struct buf *b)
{
	enum state s = g->look.inst[bar->task].state;
	const char *full = g->term->utf8 ? bar->critical ? "\xe2\x96\x88" :
	    "\xe2\x96\x92" : bar->critical ? "#" : "=";
	const char *gap = g->term->utf8 ? "\xe2\x94\x88" : ".";
	struct buf run = BUF_INIT;
	size_t n = g->room;

	while (n > 0 && cell[n - 1] == ' ')
		n--;
	for (size_t c = 0; c < g->room; c++) {
		buf_str(&run, c >= n || cell[c] == ' ' ? " " :
		    cell[c] == '#' ? full : gap);
		if (c + 1 == g->room || (cell[c + 1] == ' ') !=
		    (cell[c] == ' ')) {
			term_paint(b, g->term, cell[c] == ' ' ? HUE_PLAIN :
			    sign_hue(s), run.p, run.n);
			buf_reset(&run);
		}
	}
	buf_free(&run);
}

static void
put_bar(struct gantt *g, const struct bar *bar, char *cell, struct buf *b)
{
	enum state s = g->look.inst[bar->task].state;
	const char *sign = sign_of(s, g->term->utf8);
	struct buf text = BUF_INIT;
	char name[NAME_LEN + 1];
	size_t n;

	memset(cell, ' ', g->room);
	plot_attempts(g, bar, cell);
	plan_name(g->look.plan, bar->task, name);
	buf_str(b, bar->critical ? "* " : "  ");
	n = term_cut(&text, g->term, name, strlen(name), g->width);
	term_paint(b, g->term, bar->critical ? HUE_STRONG : HUE_PLAIN, text.p,
	    text.n);
	for (; n <= g->width; n++)
		buf_ch(b, ' ');
	term_paint(b, g->term, sign_hue(s), sign, strlen(sign));
	buf_ch(b, ' ');
	put_cells(g, bar, cell, b);
	buf_reset(&text);
	put_seconds(bar->end - bar->start, &text);
	buf_fmt(b, " %*s\n", TIMES - 1, buf_cstr(&text));
	buf_free(&text);
}

/* the critical path in words, as much of it as a line has room for */
static void
put_path(const struct gantt *g, struct buf *b)
{
	struct buf text = BUF_INIT;
	char name[NAME_LEN + 1];

	buf_fmt(&text, "# critical path, ");
	put_seconds(g->length, &text);
	for (size_t i = 0; i < g->steps && text.n < g->term->cols + 1; i++)
		buf_fmt(&text, "%s%s", i ? " > " : ": ",
		    plan_name(g->look.plan, g->path[i], name));
	term_cut(b, g->term, buf_cstr(&text), text.n, g->term->cols);
	buf_ch(b, '\n');
	buf_free(&text);
}

static void
put_head(const struct gantt *g, struct buf *b)
{
	const char *state = run_state_name(g->look.state);
	char when[INSTANT_LEN];

	buf_str(b, "# ");
	id_text(b, &g->look.id);
	buf_ch(b, ' ');
	term_paint(b, g->term, sign_run_hue(g->look.state), state,
	    strlen(state));
	if (g->n > 0) {
		instant_format(when, (int64_t)g->start, 0);
		buf_fmt(b, ", from %s, ", when);
		put_seconds(g->end - g->start, b);
	}
	buf_ch(b, '\n');
}

/* how long after the start, above every tenth column */
static void
put_ruler(const struct gantt *g, struct buf *b)
{
	struct buf line = BUF_INIT, tick = BUF_INIT;
	double each = (g->end - g->start) / (double)g->room;

	for (size_t i = 0; i < g->width + 5; i++)
		buf_ch(&line, i ? ' ' : '#');
	for (size_t c = 0; c + TICK <= g->room; c += TICK) {
		buf_reset(&tick);
		buf_str(&tick, "|");
		put_seconds(each * (double)c, &tick);
		buf_fmt(&line, "%-*.*s", TICK, TICK - 1, buf_cstr(&tick));
	}
	while (line.n > 0 && line.p[line.n - 1] == ' ')
		line.n--;
	term_paint(b, g->term, HUE_DIM, line.p, line.n);
	buf_ch(b, '\n');
	buf_free(&line);
	buf_free(&tick);
}

static int
draw(struct gantt *g, bool all, struct buf *b)
{
	size_t begun = g->n, out;
	char *cell;

	mark_path(g);
	out = choose(g, all);
	measure(g);
	cell = malloc(g->room);
	if (!cell)
		return -1;
	put_head(g, b);
	if (begun > 0) {
		put_path(g, b);
		put_ruler(g, b);
	}
	for (size_t i = 0; i < g->n; i++)
		put_bar(g, &g->bar[i], cell, b);
	if (out > 0)
		buf_fmt(b, "# and %zu shorter ones\n", out);
	if (begun < g->look.plan->n)
		buf_fmt(b, "# %zu of %u have not begun\n",
		    g->look.plan->n - begun, g->look.plan->n);
	free(cell);
	return 0;
}

int
gantt_put(struct spool *sp, const struct id *id, const struct term *term,
    bool all, struct buf *b, struct buf *why)
{
	struct gantt g = { .term = term };
	int x;

	/* as all that is said of what still goes on, by the second */
	g.now = (double)clock_seconds();
	if (look_open(sp, id, &g.look, why) < 0)
		return -1;
	x = take_bars(&g);
	if (x == 0)
		x = draw(&g, all, b);
	free(g.path);
	free(g.bar);
	look_close(&g.look);
	return x;
}
