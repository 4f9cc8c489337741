/* picture: a run's graph, a DAG's durations: SVG for a page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alike.h"
#include "html.h"
#include "picture.h"
#include "row.h"
#include "text.h"

enum {
	LETTER = 9,	/* px */
	TREND_HIGH = 90, FEW = 12, BOTH = 180,
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

/* a run's graph, and of each of its boxes whether it is on the critical path */
struct drawn {
	const struct sight *s;
	struct alike alike;
	bool *critical;
	const char *base;
};

static enum state
state_of(const struct drawn *d, uint32_t i)
{
	return d->s->task[d->alike.task[i]].in.state;
}

/* what stands in a box */
static void
label(const struct drawn *d, uint32_t i, struct buf *b)
{
	char name[TASK_LEN + 1];

	buf_fmt(b, "%s %s", sign_of(state_of(d, i), true),
	    plan_name(d->s->look.plan, d->alike.task[i], name));
	if (d->alike.count[i] > 1)
		buf_fmt(b, " +%u", d->alike.count[i] - 1);
}

/* opens a link to a task's page, with what a pointer shows */
static void
open_box(const struct drawn *d, uint32_t i, struct buf *b)
{
	uint32_t t = d->alike.task[i];
	char name[TASK_LEN + 1];

	plan_name(d->s->look.plan, t, name);
	buf_fmt(b, "<a class=\"s-%s%s\"", state_name(state_of(d, i)),
	    d->critical[i] ? " critical" : "");
	if (sight_has_page(d->s, t)) {
		buf_fmt(b, " href=\"%s", d->base);
		html_url(b, name);
		buf_str(b, ".html\"");
	}
	buf_str(b, "><title>");
	html_str(b, name);
	if (d->alike.count[i] > 1)
		buf_fmt(b, " and %u like it", d->alike.count[i] - 1);
	buf_fmt(b, ": %s", state_name(state_of(d, i)));
	if (d->s->task[t].seconds >= 0 && d->alike.count[i] == 1) {
		buf_str(b, ", ");
		put_seconds(b, d->s->task[t].seconds);
	}
	buf_str(b, d->critical[i] ? ", on the critical path</title>" :
	    "</title>");
}

static void
put_line(const struct drawn *d, const struct places *p,
    const struct places_line *l, struct buf *b)
{
	const struct places_point *at = p->point + l->at;

	buf_fmt(b, "<path class=\"edge%s\" d=\"M%.0f %.0f",
	    d->critical[l->from] && d->critical[l->to] ? " critical" : "",
	    at[0].x, at[0].y);
	for (size_t i = 1; i + 2 < l->n; i += 3)
		buf_fmt(b, "C%.0f %.0f %.0f %.0f %.0f %.0f", at[i].x, at[i].y,
		    at[i + 1].x, at[i + 1].y, at[i + 2].x, at[i + 2].y);
	buf_str(b, "\"/>\n");
}

static void
put_box(const struct drawn *d, const struct places_box *at, uint32_t i,
    struct buf *b)
{
	double left = at->x - at->wide / 2;
	struct buf text = BUF_INIT;

	open_box(d, i, b);
	buf_fmt(b, "<rect class=\"box\" x=\"%.0f\" y=\"%.0f\" "
	    "width=\"%.0f\" height=\"%d\" rx=\"5\"/><text x=\"%.0f\" "
	    "y=\"%.0f\">", left, at->y - PLACES_HIGH / 2, at->wide, PLACES_HIGH,
	    left + LETTER, at->y + 5);
	label(d, i, &text);
	html_str(b, buf_cstr(&text));
	buf_str(b, "</text></a>\n");
	buf_free(&text);
}

static double *
widths(const struct drawn *d)
{
	uint32_t n = d->alike.graph.n;
	double *wide = calloc((size_t)n + 1, sizeof *wide);
	struct buf text = BUF_INIT;

	for (uint32_t i = 0; wide && i < n; i++) {
		buf_reset(&text);
		label(d, i, &text);
		wide[i] = ((double)text_width(buf_cstr(&text), text.n) + 2) *
		    LETTER;
	}
	buf_free(&text);
	return wide;
}

static int
draw(struct graphviz *v, const struct drawn *d, struct buf *b)
{
	const struct graph *g = &d->alike.graph;
	struct places p = {0};
	double *wide = widths(d);
	int r = wide ? graphviz_places(v, g, wide, &p) : -1;

	if (r == 0) {
		places_free(&p);
		r = places_own(&p, g, wide);
	}
	if (r >= 0) {
		begin(b, "graph", (size_t)p.wide, (size_t)p.high,
		    "Graph of tasks");
		for (size_t i = 0; i < p.lines; i++)
			put_line(d, &p, &p.line[i], b);
		for (uint32_t i = 0; i < g->n; i++)
			put_box(d, &p.box[i], i, b);
		buf_str(b, "</svg></div>\n");
	}
	places_free(&p);
	free(wide);
	return r < 0 ? -1 : 0;
}

int
picture_graph(struct graphviz *v, const struct sight *s, const char *base,
    struct buf *b)
{
	struct drawn d = { .s = s, .base = base };
	uint32_t n = s->look.plan->n;
	int r;

	r = alike_make(&d.alike, &s->look, n > PICTURE_ALIKE);
	d.critical = calloc((size_t)n + 1, sizeof *d.critical);
	if (!d.critical)
		r = -1;
	for (uint32_t t = 0; r == 0 && t < n; t++)
		d.critical[d.alike.box[t]] |= s->task[t].critical;
	if (r == 0 && d.alike.graph.n > PICTURE_BOXES)
		buf_fmt(b, "<p>%u tasks are too many for a picture.</p>\n", n);
	else if (r == 0 && n > 0)
		r = draw(v, &d, b);
	free(d.critical);
	alike_free(&d.alike);
	return r;
}

void
picture_trend(const struct picture_bar *bar, size_t n, const char *title,
    struct buf *b)
{
	double max = 0, high;
	size_t each = n > FEW ? 14 : 24, wide = n * each;

	for (size_t i = 0; i < n; i++)
		max = bar[i].seconds > max ? bar[i].seconds : max;
	if (max <= 0)
		return;
	begin(b, "trend", wide + 70, TREND_HIGH + 25, title);
	buf_fmt(b, "<path class=\"rule\" d=\"M0 5H%zuM0 %d.5H%zu\"/>"
	    "<text class=\"time\" x=\"%zu\" y=\"10\">", wide, TREND_HIGH + 5,
	    wide, wide + 8);
	put_seconds(b, max);
	buf_fmt(b, "</text>\n<text class=\"time\" x=\"0\" y=\"%d\">",
	    TREND_HIGH + 20);
	html_text(b, bar[0].label, strcspn(bar[0].label, "T"));
	if (wide > BOTH) {
		buf_fmt(b, "</text>\n<text class=\"time last\" x=\"%zu\" "
		    "y=\"%d\">", wide, TREND_HIGH + 20);
		html_text(b, bar[n - 1].label, strcspn(bar[n - 1].label, "T"));
	}
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
		    "width=\"%zu\" height=\"%.1f\"/></a>\n", i * each,
		    5 + TREND_HIGH - (high < 2 ? 2 : high), each - 3,
		    high < 2 ? 2 : high);
	}
	buf_str(b, "</svg></div>\n");
}
