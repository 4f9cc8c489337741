/* picture: a run's graph and timeline, a DAG's durations: SVG for a page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "picture.h"
#include "row.h"

enum {
	LETTER = 9,	/* px */
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
	char name[TASK_LEN + 1];

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

static void
put_line(const struct sight *s, const struct places *p,
    const struct places_line *l, struct buf *b)
{
	const struct places_point *at = p->point + l->at;

	buf_fmt(b, "<path class=\"edge%s\" d=\"M%.0f %.0f",
	    s->task[l->from].critical && s->task[l->to].critical ?
	    " critical" : "", at[0].x, at[0].y);
	for (size_t i = 1; i + 2 < l->n; i += 3)
		buf_fmt(b, "C%.0f %.0f %.0f %.0f %.0f %.0f", at[i].x, at[i].y,
		    at[i + 1].x, at[i + 1].y, at[i + 2].x, at[i + 2].y);
	buf_str(b, "\"/>\n");
}

static void
put_box(const struct sight *s, const struct places_box *at, uint32_t t,
    const char *base, struct buf *b)
{
	double left = at->x - at->wide / 2;
	char name[TASK_LEN + 1];

	open_task(s, t, base, b);
	buf_fmt(b, "<rect class=\"box\" x=\"%.0f\" y=\"%.0f\" "
	    "width=\"%.0f\" height=\"%d\" rx=\"5\"/><text x=\"%.0f\" "
	    "y=\"%.0f\">", left, at->y - PLACES_HIGH / 2, at->wide, PLACES_HIGH,
	    left + LETTER, at->y + 5);
	html_str(b, sign_of(s->task[t].in.state, true));
	buf_ch(b, ' ');
	html_str(b, plan_name(s->look.plan, t, name));
	buf_str(b, "</text></a>\n");
}

static double *
widths(const struct plan *p)
{
	double *wide = calloc((size_t)p->n + 1, sizeof *wide);

	for (uint32_t t = 0; wide && t < p->n; t++)
		wide[t] = ((double)p->task[t].namelen + 4) * LETTER;
	return wide;
}

int
picture_graph(struct graphviz *v, const struct sight *s, const char *base,
    struct buf *b)
{
	const struct graph *g = &s->look.plan->graph;
	struct places p = {0};
	double *wide;
	int r;

	if (g->n == 0 || g->n > PICTURE_TASKS)
		return 0;
	wide = widths(s->look.plan);
	r = wide ? graphviz_places(v, g, wide, &p) : -1;
	if (r == 0) {
		places_free(&p);
		r = places_own(&p, g, wide);
	}
	if (r >= 0) {
		begin(b, "graph", (size_t)p.wide, (size_t)p.high,
		    "Graph of tasks");
		for (size_t i = 0; i < p.lines; i++)
			put_line(s, &p, &p.line[i], b);
		for (uint32_t t = 0; t < g->n; t++)
			put_box(s, &p.box[t], t, base, b);
		buf_str(b, "</svg></div>\n");
	}
	places_free(&p);
	free(wide);
	return r < 0 ? -1 : 0;
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

/* the room for the longest of the names */
static size_t
name_room(const struct sight *s, const struct lane *l, size_t n)
{
	size_t most = 0, len;

	for (size_t i = 0; i < n; i++) {
		len = s->look.plan->task[l[i].task].namelen;
		most = len > most ? len : most;
	}
	return most * LETTER < NAME_WIDE ? (most + 1) * LETTER : NAME_WIDE;
}

static void
put_lane(const struct sight *s, const struct lane *l, size_t i, double end,
    size_t room, const char *base, struct buf *b)
{
	double scale = LINE_WIDE / end, x = (double)room + l->t->start * scale;
	double wide = l->t->seconds * scale;
	size_t y = i * LANE;
	char name[TASK_LEN + 1];

	open_task(s, l->task, base, b);
	buf_fmt(b, "<text x=\"%zu\" y=\"%zu\" class=\"name\">", room - 8,
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
	size_t n, room;
	double end;

	l = lanes(s, &n, &end);
	if (!l)
		return -1;
	if (n > 0 && end > 0) {
		room = name_room(s, l, n);
		begin(b, "gantt", room + LINE_WIDE + 80, n * LANE,
		    "Timeline of tasks");
		for (size_t i = 0; i < n; i++)
			put_lane(s, &l[i], i, end, room, base, b);
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
