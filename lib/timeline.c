/* timeline: when the tasks of a run ran, for its page. */
#include <stdlib.h>

#include "frame.h"
#include "html.h"
#include "timeline.h"

/* of all time: bars nearer than that are one, and none is narrower */
#define NEAR 0.004

enum { TICKS = 4 };

struct timeline {
	struct sight *s;
	uint32_t *task;		/* those shown */
	size_t n, begun;
	double now, from, to;	/* seconds since 1970 */
	const char *base;
};

static const struct span *
all_of(const struct timeline *l, uint32_t t)
{
	return &l->s->task[t].all;
}

static double
weight(const struct timeline *l, uint32_t t)
{
	const struct sight_task *k = &l->s->task[t];

	return (k->in.state == STATE_FAILED ? 4e12 : k->in.state ==
	    STATE_RUNNING ? 2e12 : 0) + (k->critical ? 1e12 : 0) +
	    k->all.to - k->all.from;
}

static int
heavier(const void *a, const void *b, void *arg)
{
	uint32_t s = *(const uint32_t *)a, t = *(const uint32_t *)b;
	double x = weight(arg, s), y = weight(arg, t);

	return x != y ? (x < y) - (x > y) : (s > t) - (s < t);
}

static int
earlier(const void *a, const void *b, void *arg)
{
	uint32_t s = *(const uint32_t *)a, t = *(const uint32_t *)b;
	double x = all_of(arg, s)->from, y = all_of(arg, t)->from;

	return x != y ? (x > y) - (x < y) : (s > t) - (s < t);
}

static int
choose(struct timeline *l)
{
	uint32_t n = l->s->look.plan->n;
	const struct span *all;

	l->task = calloc((size_t)n + 1, sizeof *l->task);
	for (uint32_t t = 0; l->task && t < n; t++) {
		all = all_of(l, t);
		if (all->from < 0)
			continue;
		if (l->n == 0 || all->from < l->from)
			l->from = all->from;
		if (l->n == 0 || all->to > l->to)
			l->to = all->to;
		l->task[l->n++] = t;
	}
	l->begun = l->n;
	if (l->n > TIMELINE_BARS) {
		qsort_r(l->task, l->n, sizeof *l->task, heavier, l);
		l->n = TIMELINE_BARS;
	}
	if (l->n)
		qsort_r(l->task, l->n, sizeof *l->task, earlier, l);
	return l->task ? 0 : -1;
}

static double
part(const struct timeline *l, double at)
{
	return l->to > l->from ? (at - l->from) / (l->to - l->from) : 0;
}

static void
put_bar(const struct timeline *l, double from, double to, bool past,
    struct buf *b)
{
	double x = part(l, from), wide = part(l, to) - x;

	wide = wide < NEAR ? NEAR : wide;
	x = x + wide > 1 ? 1 - wide : x;
	buf_fmt(b, "<rect class=\"bar%s\" x=\"%.2f%%\" y=\"2\" "
	    "width=\"%.2f%%\" height=\"14\" rx=\"2\"/>", past ? " past" : "",
	    100 * x, 100 * wide);
}

/* the attempts; the last one, which is why the task is as it is, stands out */
static void
put_lane(const struct timeline *l, uint32_t t, struct spans *spans,
    struct buf *b)
{
	const struct span *all = all_of(l, t), *k;
	struct span one = {-1, -1};

	buf_fmt(b, "<svg width=\"100%%\" height=\"18\" aria-hidden=\"true\">"
	    "<line class=\"gap\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"9\" "
	    "y2=\"9\"/>", 100 * part(l, all->from), 100 * part(l, all->to));
	spans_find(spans, &l->s->look, t, &l->s->task[t].sum, l->now);
	for (size_t i = 0; i < spans->n; i++) {
		k = &spans->each[i];
		if (one.from >= 0 && i + 1 < spans->n &&
		    part(l, k->from) - part(l, one.to) < NEAR) {
			one.to = k->to;
			continue;
		}
		if (one.from >= 0)
			put_bar(l, one.from, one.to, true, b);
		one = *k;
	}
	if (one.from >= 0)
		put_bar(l, one.from, one.to, false, b);
	buf_str(b, "</svg>");
}

static void
put_task(const struct timeline *l, uint32_t t, struct spans *spans,
    struct buf *b)
{
	const struct sight_task *k = &l->s->task[t];
	const struct span *all = all_of(l, t);
	bool page = sight_has_page(l->s, t);
	char name[TASK_LEN + 1];

	plan_name(l->s->look.plan, t, name);
	buf_fmt(b, "<tr class=\"s-%s%s\"><th scope=\"row\">",
	    state_name(k->in.state), k->critical ? " critical" : "");
	buf_fmt(b, "<span class=\"sign\" aria-hidden=\"true\">%s</span> ",
	    sign_of(k->in.state, true));
	if (page) {
		buf_fmt(b, "<a href=\"%s", l->base);
		html_url(b, name);
		buf_str(b, ".html\">");
	}
	html_str(b, name);
	buf_str(b, page ? "</a>" : "");
	buf_fmt(b, "<span class=\"hidden\">, %s%s</span></th><td>",
	    state_name(k->in.state), k->critical ? ", critical" : "");
	put_lane(l, t, spans, b);
	buf_str(b, "</td><td class=\"n\">");
	frame_seconds(all->to - all->from, b);
	buf_str(b, "</td></tr>\n");
}

static void
put_head(const struct timeline *l, struct buf *b)
{
	buf_str(b, "<p>Outlined: the critical path, the chain of tasks that "
	    "took longest. Pale: attempts before the last.");
	if (l->begun > l->n)
		buf_fmt(b, " And %zu tasks that took less time.",
		    l->begun - l->n);
	buf_str(b, "</p>\n<table class=\"timeline\" "
	    "aria-labelledby=\"timeline\"><thead><tr><th scope=\"col\">Task"
	    "</th><th scope=\"col\"><span class=\"ticks\">");
	for (int i = 0; i < TICKS; i++) {
		buf_str(b, "<span>");
		frame_seconds((l->to - l->from) * i / TICKS, b);
		buf_str(b, "</span>");
	}
	buf_str(b, "</span></th><th scope=\"col\" class=\"n\">Took</th></tr>"
	    "</thead>\n<tbody>\n");
}

int
timeline_put(struct sight *s, int64_t now, const char *base, struct buf *b)
{
	struct timeline l = { .s = s, .now = (double)now, .base = base };
	struct spans spans = {0};

	if (choose(&l) < 0)
		return -1;
	if (l.n > 0) {
		buf_str(b, "<h2 id=\"timeline\">Timeline</h2>\n");
		put_head(&l, b);
		for (size_t i = 0; i < l.n; i++)
			put_task(&l, l.task[i], &spans, b);
		buf_str(b, "</tbody></table>\n");
	}
	spans_free(&spans);
	free(l.task);
	return 0;
}
