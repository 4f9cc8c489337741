/* sitehead: a site's overview: a row a DAG, and what needs somebody. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "html.h"
#include "notice.h"
#include "sitehead.h"

enum { SQUARES = 16, TOLD = 5 };

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* of those runs that have ended well; below 0: none has */
static double
median(const struct sitedag *d, size_t *good, size_t *ended)
{
	double s[SITEDAG_RUNS] = {0};
	size_t n = 0;

	*good = *ended = 0;
	for (size_t i = 0; i < d->n; i++) {
		*ended += d->run[i].state == RUN_SUCCESS ||
		    d->run[i].state == RUN_FAILED;
		*good += d->run[i].state == RUN_SUCCESS;
		if (d->run[i].state == RUN_SUCCESS && d->run[i].seconds >= 0)
			s[n++] = d->run[i].seconds;
	}
	qsort(s, n, sizeof *s, compare);
	return n ? s[n / 2] : -1;
}

void
sitehead_make(struct sitehead *h, struct spool *sp, const struct sitedag *d,
    size_t runs, int64_t now)
{
	*h = (struct sitehead){ .latest = d, .runs = runs,
	    .paused = notice_paused(sp, d->dag, NULL) };
	outlook_make(&h->outlook, sp, d->dag, d->has_latest ?
	    d->latest.look.plan : NULL, now);
}

/* opens an item about a run, or (NULL) the DAG; closed by the caller */
static void
open_item(const char *base, const char *dag, const char *run, struct buf *b)
{
	buf_fmt(b, "<li><a href=\"%s", base);
	html_url(b, run ? run : "index");
	buf_str(b, ".html\">");
	html_str(b, dag);
	if (run) {
		buf_ch(b, '/');
		html_str(b, run);
	}
	buf_str(b, "</a> ");
}

/* what it missed, and what is wrong with its file */
static void
put_outlook(const struct outlook *o, const char *base, const char *dag,
    struct buf *b)
{
	if (o->error[0]) {
		open_item(base, dag, NULL, b);
		buf_str(b, "has an error in its file: <code>");
		html_str(b, o->error);
		buf_str(b, "</code></li>\n");
	}
	if (o->missed) {
		open_item(base, dag, NULL, b);
		buf_fmt(b, "missed %llu slot%s in the last %d days",
		    (unsigned long long)o->missed, o->missed == 1 ? "" : "s",
		    OUTLOOK_DAYS);
		if (o->slot[0]) {
			buf_str(b, o->missed == 1 ? ": " : ", at last ");
			html_str(b, o->slot);
		}
		if (o->reason[0]) {
			buf_str(b, " (");
			html_str(b, o->reason);
			buf_ch(b, ')');
		}
		buf_str(b, "</li>\n");
	}
}

void
sitehead_about(const struct sitehead *h, struct buf *b)
{
	const struct sitedag *d = h->latest;
	size_t good, ended;
	double usual = median(d, &good, &ended);
	struct buf text = BUF_INIT, own = BUF_INIT;
	const char *about = d->has_latest ?
	    plan_dag_get(d->latest.look.plan, "description", &text) : NULL;

	if (about) {
		buf_str(b, "<p>");
		html_str(b, about);
		buf_str(b, "</p>\n");
	}
	buf_fmt(b, "<p class=\"about\">%zu run%s. ", h->runs,
	    h->runs == 1 ? "" : "s");
	if (ended)
		buf_fmt(b, "Of the last %zu that have ended %zu ended well. ",
		    ended, good);
	if (usual >= 0) {
		buf_str(b, "Median: ");
		frame_seconds(usual, b);
		buf_str(b, ". ");
	}
	if (h->paused)
		buf_str(b, "<strong>Paused.</strong> ");
	else if (h->outlook.due[0]) {
		buf_str(b, "Next run: ");
		frame_time(h->outlook.due, b);
		buf_ch(b, '.');
	}
	buf_str(b, "</p>\n");
	put_outlook(&h->outlook, "", d->dag, &own);
	if (own.n) {
		buf_str(b, "<section class=\"alert\" aria-label=\"What needs "
		    "attention\"><ul>\n");
		buf_add(b, own.p, own.n);
		buf_str(b, "</ul></section>\n");
	}
	buf_free(&own);
	buf_free(&text);
}

/* what failed in a run; the links in it are those of the DAG's page, which is
 * a level down */
static void
put_failed(const struct sitedag_run *r, const char *base, struct buf *b)
{
	struct buf text = r->failures;
	const char *s = buf_cstr(&text), *l;

	buf_str(b, "<ul>\n");
	for (; *s; s = l) {
		l = strstr(s, "<a href=\"");
		l = l ? l + strlen("<a href=\"") : s + strlen(s);
		buf_add(b, s, (size_t)(l - s));
		if (*l)
			buf_str(b, base);
	}
	buf_str(b, "</ul></li>\n");
}

static void
put_alerts(const struct sitehead *h, const char *base, struct buf *b)
{
	const struct sitedag *d = h->latest;
	unsigned told = 0, more = 0;

	for (size_t i = 0; i < d->n; i++) {
		if (d->run[i].failures.n == 0)
			continue;
		if (told == TOLD) {
			more++;
			continue;
		}
		told++;
		open_item(base, d->dag, d->run[i].name, b);
		put_failed(&d->run[i], base, b);
	}
	if (more) {
		open_item(base, d->dag, NULL, b);
		buf_fmt(b, "has %u more</li>\n", more);
	}
	for (size_t i = 0; i < d->n; i++)
		if (d->run[i].count[STATE_HELD] > 0) {
			open_item(base, d->dag, d->run[i].name, b);
			buf_fmt(b, "holds %u task%s</li>\n",
			    d->run[i].count[STATE_HELD],
			    d->run[i].count[STATE_HELD] == 1 ? "" : "s");
		}
	put_outlook(&h->outlook, base, d->dag, b);
	if (h->paused) {
		open_item(base, d->dag, NULL, b);
		buf_str(b, "is paused</li>\n");
	}
}

void
sitehead_row(const struct sitehead *h, struct buf *b, struct buf *alerts)
{
	const struct sitedag *d = h->latest;
	const struct sitedag_run *r = d->n ? &d->run[0] : NULL;
	struct buf base = BUF_INIT;
	size_t good, ended;
	double usual = median(d, &good, &ended);

	html_url(&base, d->dag);
	buf_ch(&base, '/');
	buf_fmt(b, "<tr><th scope=\"row\"><a href=\"%sindex.html\">",
	    buf_cstr(&base));
	html_str(b, d->dag);
	buf_str(b, "</a></th><td>");
	if (r && r->state >= 0)
		frame_run_state(r->state, b);
	buf_str(b, "</td><td>");
	sitedag_squares(d, buf_cstr(&base), SQUARES, b);
	buf_str(b, "</td><td>");
	frame_time(r ? r->start : "", b);
	buf_str(b, "</td><td>");
	if (h->paused)
		buf_str(b, "paused");
	else
		frame_time(h->outlook.due, b);
	buf_fmt(b, "</td><td class=\"n\" data-sort=\"%.3f\">", usual);
	frame_seconds(usual, b);
	buf_fmt(b, "</td><td class=\"n\" data-sort=\"%zu\">%zu/%zu</td></tr>\n",
	    ended ? good * 1000 / ended : 0, good, ended);
	put_alerts(h, buf_cstr(&base), alerts);
	buf_free(&base);
}

/* tasks that nobody takes */
static void
put_unserved(struct spool *sp, struct buf *b)
{
	struct names files;

	if (names_list(sp->fd, "queue", &files) < 0)
		return;
	if (files.n > 0 && !notice_served(sp))
		buf_fmt(b, "<li>%zu task%s ready, and no dagexec serves this "
		    "spool</li>\n", files.n, files.n == 1 ? " is" : "s are");
	names_free(&files);
}

int
sitehead_put(struct spool *sp, struct page_dir *d, const struct buf *rows,
    const struct buf *alerts)
{
	struct frame f = { .title = "All DAGs" };
	struct buf b = BUF_INIT, own = BUF_INIT;
	int x;

	put_unserved(sp, &own);
	buf_add(&own, alerts->p, alerts->n);
	frame_begin(&f, &b);
	buf_str(&b, "<h1>All DAGs</h1>\n");
	if (own.n) {
		buf_str(&b, "<section class=\"alert\" aria-label=\"What needs "
		    "attention\"><h2>What needs attention</h2>\n<ul>\n");
		buf_add(&b, own.p, own.n);
		buf_str(&b, "</ul></section>\n");
	} else
		buf_str(&b, "<p class=\"about\">Nothing needs attention.</p>"
		    "\n");
	buf_str(&b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"DAGs\"><table class=\"sort filter\"><thead><tr>"
	    "<th scope=\"col\">DAG</th><th scope=\"col\">Latest run</th>"
	    "<th scope=\"col\">Runs</th><th scope=\"col\">Began</th>"
	    "<th scope=\"col\">Next run</th><th scope=\"col\">Median</th>"
	    "<th scope=\"col\">Well</th></tr></thead>\n<tbody>\n");
	buf_add(&b, rows->p, rows->n);
	buf_str(&b, rows->n ? "</tbody></table></div>\n" : "<tr><td>none yet"
	    "</td><td></td><td></td><td></td><td></td><td></td><td></td></tr>"
	    "</tbody></table></div>\n");
	frame_end(&b);
	b.err = b.err ? b.err : rows->err ? rows->err : own.err;
	x = page_put(d, "index.html", &b, NULL);
	buf_free(&b);
	buf_free(&own);
	return x < 0 ? -1 : 0;
}
