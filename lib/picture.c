/* picture: a run's graph and timeline, a DAG's durations: SVG for a page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "layout.h"
#include "picture.h"
#include "row.h"

enum {
	LETTER = 9, BOX = 30, HALF = 23, GAP = 52, EDGE = 6,	/* px */
	LANE = 24, NAME_WIDE = 200, LINE_WIDE = 560, TREND_HIGH = 90,
};

static void
put_seconds(struct buf *b, double s)
{
	char text[32];

	snprintf(text, sizeof text, "%.3f", s);
	row_put_seconds(b, s < 0 ? "" : text);
}

static void
begin(struct buf *b, const char *class, size_t wide, size_t high,
    const char *what)
{
	buf_fmt(b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"%s\"><svg xmlns=\"http://www.w3.org/2000/svg\" "
	    "class=\"%s\" width=\"%zu\" height=\"%zu\" viewBox=\"0 0 %zu %zu\">"
	    "\n", what, class, wide, high, wide, high);
}

/* opens a link to a task's page, with what a pointer shows */
static void
open_task(const struct sight *s, uint32_t t, const char *base, struct buf *b)
{
	char name[NAME_LEN + 1];

	plan_name(s->look.plan, t, name);
	buf_fmt(b, "<a class=\"s-%s%s\"", state_name(s->task[t].in.state),
	    s->task[t].critical ? " critical" : "");
	if (sight_has_page(s, t)) {
		buf_fmt(b, " href=\"%s", base);
		html_url(b, name);
		buf_str(b, ".html\"");
	}
	buf_str(b, "><title>");
	html_str(b, name);
	buf_fmt(b, ": %s", state_name(s->task[t].in.state));
	if (s->task[t].seconds >= 0) {
		buf_str(b, ", ");
		put_seconds(b, s->task[t].seconds);
	}
	buf_str(b, s->task[t].critical ? ", on the critical path</title>" :
	    "</title>");
}

/* where the layers begin, and behind them where the last ends */
static size_t *
columns(const struct plan *p, const struct layout *l)
{
	size_t *x = calloc((size_t)l->layers + 2, sizeof *x), wide;

	for (uint32_t t = 0; x && t < p->n; t++) {
		wide = ((size_t)p->task[t].namelen + 4) * LETTER;
		if (wide > x[l->layer[t] + 1])
			x[l->layer[t] + 1] = wide;
	}
	if (x)
		x[0] = EDGE;
	for (uint32_t i = 0; x && i < l->layers; i++)
		x[i + 1] += x[i] + GAP;
	return x;
}

static size_t
middle(uint32_t row)
{
	return EDGE + BOX / 2 + (size_t)row * HALF;
}

static void
curve(struct buf *b, size_t fromx, size_t fromy, size_t x, size_t y)
{
	size_t half = (fromx + x) / 2;

	buf_fmt(b, "C%zu %zu %zu %zu %zu %zu", half, fromy, half, y, x, y);
}

/* an edge: through the layers between its ends at the rows of its bends */
static void
put_edge(const struct sight *s, const struct layout *l, const size_t *x,
    uint32_t v, uint32_t e, struct buf *b)
{
	uint32_t u = s->look.plan->graph.up[e], layer = l->layer[u];
	size_t atx = x[layer + 1] - GAP, aty = middle(l->row[u]), y;
	bool critical = s->task[u].critical && s->task[v].critical;

	buf_fmt(b, "<path class=\"edge%s\" d=\"M%zu %zu", critical ?
	    " critical" : "", atx, aty);
	for (uint32_t i = l->bendat[e]; i < l->bendat[e + 1]; i++) {
		layer++;
		y = middle(l->bend[i]);
		curve(b, atx, aty, x[layer], y);
		atx = x[layer + 1] - GAP;
		buf_fmt(b, "L%zu %zu", atx, y);
		aty = y;
	}
	curve(b, atx, aty, x[l->layer[v]], middle(l->row[v]));
	buf_str(b, "\"/>\n");
}

static void
put_node(const struct sight *s, const struct layout *l, const size_t *x,
    uint32_t t, const char *base, struct buf *b)
{
	size_t at = x[l->layer[t]], y = middle(l->row[t]);
	size_t wide = x[l->layer[t] + 1] - GAP - at;
	char name[NAME_LEN + 1];

	open_task(s, t, base, b);
	buf_fmt(b, "<rect class=\"box\" x=\"%zu\" y=\"%zu\" width=\"%zu\" "
	    "height=\"%d\" rx=\"5\"/><text x=\"%zu\" y=\"%zu\">", at,
	    y - BOX / 2, wide, BOX, at + LETTER, y + 5);
	html_str(b, sight_sign(s->task[t].in.state));
	buf_ch(b, ' ');
	html_str(b, plan_name(s->look.plan, t, name));
	buf_str(b, "</text></a>\n");
}

int
picture_graph(const struct sight *s, const char *base, struct buf *b)
{
	const struct graph *g = &s->look.plan->graph;
	struct layout l;
	size_t *x;

	if (g->n == 0 || g->n > PICTURE_TASKS)
		return 0;
	if (layout_make(&l, g) < 0)
		return -1;
	x = columns(s->look.plan, &l);
	if (x) {
		begin(b, "graph", x[l.layers] - GAP + EDGE,
		    middle(l.height - 1) + BOX / 2 + EDGE, "Graph of tasks");
		for (uint32_t v = 0; v < g->n; v++)
			for (uint32_t e = g->upat[v]; e < g->upat[v + 1]; e++)
				put_edge(s, &l, x, v, e, b);
		for (uint32_t t = 0; t < g->n; t++)
			put_node(s, &l, x, t, base, b);
		buf_str(b, "</svg></div>\n");
	}
	layout_free(&l);
	free(x);
	return x ? 0 : -1;
}

struct lane {
	const struct sight_task *t;
	uint32_t task;
};

static int
by_length(const void *a, const void *b)
{
	const struct lane *x = a, *y = b;

	if (x->t->critical != y->t->critical)
		return x->t->critical ? -1 : 1;
	if (x->t->seconds != y->t->seconds)
		return x->t->seconds < y->t->seconds ? 1 : -1;
	return (x->task > y->task) - (x->task < y->task);
}

static int
by_start(const void *a, const void *b)
{
	const struct lane *x = a, *y = b;

	if (x->t->start != y->t->start)
		return x->t->start < y->t->start ? -1 : 1;
	return (x->task > y->task) - (x->task < y->task);
}

/* the tasks that ran, by start; those that count most if they are many */
static struct lane *
lanes(const struct sight *s, size_t *n, double *end)
{
	struct lane *l = calloc((size_t)s->look.plan->n + 1, sizeof *l);
	const struct sight_task *t;

	*n = 0;
	*end = s->seconds;
	for (uint32_t i = 0; l && i < s->look.plan->n; i++) {
		t = &s->task[i];
		if (t->seconds < 0 || t->start < 0)
			continue;
		l[(*n)++] = (struct lane){t, i};
		*end = t->start + t->seconds > *end ? t->start + t->seconds :
		    *end;
	}
	if (l && *n > PICTURE_BARS) {
		qsort(l, *n, sizeof *l, by_length);
		*n = PICTURE_BARS;
	}
	if (l && *n)
		qsort(l, *n, sizeof *l, by_start);
	return l;
}

static void
put_lane(const struct sight *s, const struct lane *l, size_t i, double end,
    const char *base, struct buf *b)
{
	double scale = LINE_WIDE / end, x = NAME_WIDE + l->t->start * scale;
	double wide = l->t->seconds * scale;
	size_t y = i * LANE;
	char name[NAME_LEN + 1];

	open_task(s, l->task, base, b);
	buf_fmt(b, "<text x=\"%d\" y=\"%zu\" class=\"name\">", NAME_WIDE - 8,
	    y + 17);
	plan_name(s->look.plan, l->task, name);
	if (strlen(name) > NAME_WIDE / LETTER)
		memcpy(name + NAME_WIDE / LETTER - 3, "...", 4);
	html_str(b, name);
	buf_fmt(b, "</text><rect class=\"bar\" x=\"%.1f\" y=\"%zu\" "
	    "width=\"%.1f\" height=\"%d\" rx=\"2\"/><text class=\"time\" "
	    "x=\"%.1f\" y=\"%zu\">", x, y + 4, wide < 2 ? 2 : wide, LANE - 8,
	    x + (wide < 2 ? 2 : wide) + 5, y + 17);
	put_seconds(b, l->t->seconds);
	buf_str(b, "</text></a>\n");
}

int
picture_gantt(const struct sight *s, const char *base, struct buf *b)
{
	struct lane *l;
	double end;
	size_t n;

	l = lanes(s, &n, &end);
	if (!l)
		return -1;
	if (n > 0 && end > 0) {
		begin(b, "gantt", NAME_WIDE + LINE_WIDE + 80, n * LANE,
		    "Timeline of tasks");
		for (size_t i = 0; i < n; i++)
			put_lane(s, &l[i], i, end, base, b);
		buf_str(b, "</svg></div>\n");
	}
	free(l);
	return 0;
}

void
picture_trend(const struct picture_bar *bar, size_t n, const char *title,
    struct buf *b)
{
	double max = 0, high;

	for (size_t i = 0; i < n; i++)
		max = bar[i].seconds > max ? bar[i].seconds : max;
	if (max <= 0)
		return;
	begin(b, "trend", n * 14 + 70, TREND_HIGH + 10, title);
	buf_fmt(b, "<path class=\"rule\" d=\"M0 5H%zu\"/><text class=\"time\" "
	    "x=\"%zu\" y=\"10\">", n * 14 + 4, n * 14 + 8);
	put_seconds(b, max);
	buf_str(b, "</text>\n");
	for (size_t i = 0; i < n; i++) {
		high = bar[i].seconds < 0 ? 0 : bar[i].seconds / max *
		    TREND_HIGH;
		buf_fmt(b, "<a class=\"s-%s\" href=\"", bar[i].state);
		buf_str(b, bar[i].href);
		buf_str(b, "\"><title>");
		html_str(b, bar[i].label);
		buf_fmt(b, ": %s, ", bar[i].state);
		put_seconds(b, bar[i].seconds);
		buf_fmt(b, "</title><rect class=\"bar\" x=\"%zu\" y=\"%.1f\" "
		    "width=\"11\" height=\"%.1f\"/></a>\n", i * 14,
		    5 + TREND_HIGH - (high < 2 ? 2 : high), high < 2 ? 2 :
		    high);
	}
	buf_str(b, "</svg></div>\n");
}
