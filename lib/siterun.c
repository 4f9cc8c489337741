/* siterun: the page of a run, with its graph, its timeline and its tasks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "html.h"
#include "picture.h"
#include "planmap.h"
#include "rec.h"
#include "row.h"
#include "siterun.h"
#include "timeline.h"

enum { SHOWN = 20, NAMED = 8 };

static void
task_link(const struct sight *s, uint32_t t, const char *base, struct buf *b)
{
	char name[TASK_LEN + 1];

	plan_name(s->look.plan, t, name);
	if (!sight_has_page(s, t)) {
		html_str(b, name);
		return;
	}
	buf_fmt(b, "<a href=\"%s", base);
	html_url(b, name);
	buf_str(b, ".html\">");
	html_str(b, name);
	buf_str(b, "</a>");
}

static void
failure(struct sight *s, uint32_t t, const char *base, bool logs,
    struct buf *b)
{
	const struct sight_task *k = &s->task[t];
	struct buf how = BUF_INIT, log = BUF_INIT;

	sight_how(k, &how);
	sight_log(s, t, !logs, &log);
	buf_str(b, "<li><strong>");
	task_link(s, t, base, b);
	buf_str(b, "</strong> failed");
	if (how.n) {
		buf_str(b, ": ");
		html_text(b, how.p, how.n);
	}
	if (k->sum.attempt > 1)
		buf_fmt(b, ", after %u attempts", k->sum.attempt);
	if (k->sum.end[0]) {
		buf_str(b, ", ");
		frame_time(k->sum.end, b);
	}
	if (log.n && logs) {
		buf_str(b, "<pre tabindex=\"0\">");
		html_log(b, log.p, log.n);
		buf_str(b, "</pre>");
	} else if (log.n) {
		buf_str(b, " <code class=\"log\">");
		html_log(b, log.p, log.n < 200 ? log.n : 200);
		buf_str(b, "</code>");
	}
	buf_str(b, "</li>\n");
	buf_free(&how);
	buf_free(&log);
}

void
siterun_failures(struct sight *s, const char *base, unsigned max, bool logs,
    struct buf *b)
{
	unsigned n = 0, more = 0;

	for (uint32_t t = 0; t < s->look.plan->n; t++) {
		/* one that only waits for its instances: these are told */
		if (s->task[t].in.state != STATE_FAILED ||
		    (planmap_joint(s->look.plan, t) &&
		    !s->task[t].sum.attempt))
			continue;
		if (n == max)
			more++;
		else {
			failure(s, t, base, logs, b);
			n++;
		}
	}
	if (more)
		buf_fmt(b, "<li>and %u more</li>\n", more);
}

/* "N tasks were not run because of that: a, b" */
static void
put_blocked(const struct sight *s, const char *base, struct buf *b)
{
	unsigned n = 0, all = s->count[STATE_UPSTREAM_FAILED];

	if (all == 0)
		return;
	buf_fmt(b, "<p>%u task%s not run because of that: ", all, all == 1 ?
	    " was" : "s were");
	for (uint32_t t = 0; t < s->look.plan->n && n < NAMED; t++)
		if (s->task[t].in.state == STATE_UPSTREAM_FAILED) {
			buf_str(b, n++ ? ", " : "");
			task_link(s, t, base, b);
		}
	buf_str(b, all > n ? ", \xe2\x80\xa6</p>\n" : "</p>\n");
}

static void
put_row(const struct sight *s, uint32_t t, const char *base, struct buf *b)
{
	const struct sight_task *k = &s->task[t];
	struct buf how = BUF_INIT;
	double cpu = strtod(k->sum.user, NULL) + strtod(k->sum.sys, NULL);

	buf_str(b, planmap_instance(s->look.plan, t) ?
	    "<tr class=\"instance\"><th scope=\"row\">" :
	    "<tr><th scope=\"row\">");
	task_link(s, t, base, b);
	buf_str(b, "</th><td>");
	frame_state(k->in.state, b);
	sight_how(k, &how);
	buf_fmt(b, "</td><td class=\"n\">%u</td><td>", k->sum.attempt);
	html_text(b, how.p, how.n);
	buf_str(b, "</td><td>");
	frame_time(k->sum.start, b);
	buf_fmt(b, "</td><td class=\"n\" data-sort=\"%.3f\">", k->seconds);
	frame_seconds(k->seconds, b);
	buf_fmt(b, "</td><td class=\"n\" data-sort=\"%.3f\">", cpu);
	frame_seconds(k->sum.user[0] ? cpu : -1, b);
	buf_fmt(b, "</td><td class=\"n\" data-sort=\"%s\">",
	    k->sum.rss[0] ? k->sum.rss : "-1");
	row_put_memory(b, k->sum.rss);
	buf_fmt(b, "</td><td>%s</td></tr>\n", k->critical ? "yes" : "");
	buf_free(&how);
}

static int
put_tasks(const struct sight *s, const char *base, struct buf *b)
{
	uint32_t *order = planmap_order(s->look.plan);

	if (!order)
		return -1;
	buf_str(b, "<h2 id=\"tasks\">Tasks</h2>\n");
	if (s->look.plan->n > SIGHT_PAGES)
		buf_fmt(b, "<p>Of %u tasks those that are running, ready or "
		    "held, or failed:</p>\n", s->look.plan->n);
	buf_str(b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-labelledby=\"tasks\"><table class=\"sort filter\"><thead>"
	    "<tr><th scope=\"col\">Task</th><th scope=\"col\">State</th>"
	    "<th scope=\"col\">Attempts</th><th scope=\"col\">Why</th>"
	    "<th scope=\"col\">Start</th><th scope=\"col\">Took</th>"
	    "<th scope=\"col\">CPU</th><th scope=\"col\">Memory</th>"
	    "<th scope=\"col\">Critical</th></tr></thead>\n<tbody>\n");
	for (uint32_t i = 0; i < s->look.plan->n; i++)
		if (sight_has_page(s, order[i]))
			put_row(s, order[i], base, b);
	buf_str(b, "</tbody></table></div>\n");
	free(order);
	return 0;
}

/* how it came to be: its record, as it is */
static void
put_about(struct sight *s, struct buf *b)
{
	struct buf text = BUF_INIT, value = BUF_INIT;
	struct rec r = {0};

	if (look_record(&s->look, &text) == 0 && text.n &&
	    rec_parse(&r, text.p, strcspn(buf_cstr(&text), "\n")) == REC_OK) {
		buf_str(b, "<h2>How it came to be</h2>\n"
		    "<ul class=\"facts\">\n");
		for (size_t i = 0; i < r.nfield; i++) {
			buf_str(b, "<li><span>");
			html_str(b, r.field[i].key);
			buf_str(b, "</span> ");
			html_str(b, r.field[i].value);
			buf_str(b, "</li>\n");
		}
		buf_str(b, "</ul>\n");
	}
	rec_free(&r);
	buf_free(&text);
	buf_free(&value);
}

static void
put_summary(const struct sight *s, struct buf *b)
{
	const struct id *id = &s->look.id;

	buf_str(b, "<h1>");
	html_str(b, id->run);
	buf_ch(b, ' ');
	frame_run_state(s->look.state, b);
	buf_str(b, "</h1>\n<p class=\"about\">");
	if (s->start[0]) {
		buf_str(b, s->end[0] ? "Took " : "Has taken ");
		frame_seconds(s->seconds, b);
		buf_str(b, ", began ");
		frame_time(s->start, b);
		buf_str(b, ". ");
	}
	if (s->cause[0]) {
		buf_str(b, "Cause: ");
		html_str(b, s->cause);
		buf_ch(b, '.');
	}
	buf_str(b, id->archived ? " Archived.</p>\n" : "</p>\n");
	buf_str(b, "<ul class=\"counts\">\n");
	for (int k = STATES - 1; k >= 0; k--)
		if (s->count[k]) {
			buf_fmt(b, "<li>%u ", s->count[k]);
			frame_state((enum state)k, b);
			buf_str(b, "</li>\n");
		}
	buf_str(b, "</ul>\n");
}

int
siterun_put(struct page_dir *d, struct graphviz *v, struct sight *s,
    int64_t now, const struct timespec *stamp)
{
	const struct id *id = &s->look.id;
	struct buf b = BUF_INIT, base = BUF_INIT, title = BUF_INIT;
	char path[2 * FILE_LEN];
	struct frame f = { .dag = id->dag, .run = id->run,
	    .live = s->look.state == RUN_ACTIVE };
	int x;

	buf_fmt(&title, "%s/%s: %s", id->dag, id->run,
	    run_state_name(s->look.state));
	f.title = buf_cstr(&title);
	html_url(&base, id->run);
	buf_ch(&base, '/');
	frame_begin(&f, &b);
	put_summary(s, &b);
	if (s->count[STATE_FAILED] > 0) {
		buf_str(&b, "<section class=\"alert\" aria-label=\"What "
		    "failed\"><h2>What failed</h2>\n<ul>\n");
		siterun_failures(s, buf_cstr(&base), SHOWN, true, &b);
		buf_str(&b, "</ul>\n");
		put_blocked(s, buf_cstr(&base), &b);
		buf_str(&b, "</section>\n");
	}
	buf_str(&b, "<h2>Graph</h2>\n");
	x = picture_graph(v, s, buf_cstr(&base), &b);
	if (x == 0)
		x = timeline_put(s, now, buf_cstr(&base), &b);
	if (x == 0)
		x = put_tasks(s, buf_cstr(&base), &b);
	put_about(s, &b);
	frame_end(&b);
	snprintf(path, sizeof path, "%s/%s.html", id->dag, id->run);
	if (x == 0)
		x = page_put(d, path, &b, stamp);
	buf_free(&b);
	buf_free(&base);
	buf_free(&title);
	return x < 0 ? -1 : 0;
}
