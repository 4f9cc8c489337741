/* sitehead: a site's overview: a row a DAG, and what needs somebody. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"
#include "html.h"
#include "notice.h"
#include "sitehead.h"

enum { SQUARES = 16, ATTENTION = 40 };

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

void
sitehead_about(const struct sitehead *h, struct buf *b)
{
	const struct sitedag *d = h->latest;
	size_t good, ended;
	double usual = median(d, &good, &ended);
	struct buf text = BUF_INIT;
	struct sitealert own = {0};
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
	/* that it is paused is told above */
	sitealert_outlook(&own, d, &h->outlook, false, "");
	if (own.n) {
		buf_str(b, "<section class=\"alert\" aria-label=\"What needs "
		    "attention\">");
		sitealert_put(&own, ATTENTION, b);
		buf_str(b, "</section>\n");
	}
	sitealert_free(&own);
	buf_free(&text);
}

void
sitehead_row(const struct sitehead *h, struct spool *sp, struct siteall *all)
{
	const struct sitedag *d = h->latest;
	const struct sitedag_run *r = d->n ? &d->run[0] : NULL;
	struct buf base = BUF_INIT, *b = &all->rows;
	size_t good, ended;
	double usual = median(d, &good, &ended);

	html_url(&base, d->dag);
	buf_ch(&base, '/');
	buf_str(b, "<tr><th scope=\"row\">");
	if (r)
		buf_fmt(b, "<a href=\"%sindex.html\">", buf_cstr(&base));
	html_str(b, d->dag);
	buf_str(b, r ? "</a></th><td>" : "</th><td>");
	if (r && r->state >= 0) {
		frame_run_state(r->state, b);
		all->count[r->state]++;
	}
	buf_str(b, r ? "</td><td>" : "no run yet</td><td>");
	if (r)
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
	buf_fmt(b, "</td><td class=\"n\" data-sort=\"%zu\">",
	    ended ? good * 1000 / ended : 0);
	if (ended)
		buf_fmt(b, "%zu of %zu", good, ended);
	buf_str(b, ended ? "</td></tr>\n" : "-</td></tr>\n");
	all->dags++;
	sitealert_runs(&all->alerts, sp, d, buf_cstr(&base));
	sitealert_outlook(&all->alerts, d, &h->outlook, h->paused,
	    buf_cstr(&base));
	buf_free(&base);
}

/* where this is, how many DAGs there are, and how their latest runs are */
static void
put_about(struct spool *sp, const struct siteall *all, struct buf *b)
{
	char host[64] = "";

	buf_fmt(b, "<p class=\"about\">%zu DAG%s in <code>", all->dags,
	    all->dags == 1 ? "" : "s");
	html_str(b, sp->path);
	buf_str(b, "</code>");
	if (gethostname(host, sizeof host - 1) == 0 && host[0]) {
		buf_str(b, " on ");
		html_str(b, host);
	}
	buf_str(b, ".</p>\n<ul class=\"counts\" aria-label=\"Latest runs\">"
	    "\n");
	for (int s = RUN_STATES - 1; s >= 0; s--)
		if (all->count[s]) {
			buf_fmt(b, "<li>%zu ", all->count[s]);
			frame_run_state((enum run_state)s, b);
			buf_str(b, "</li>\n");
		}
	buf_str(b, "</ul>\n");
}

/* tasks that nobody takes */
static void
put_unserved(struct spool *sp, struct buf *b)
{
	struct names files;

	if (names_list(sp->fd, "queue", &files) < 0)
		return;
	if (files.n > 0 && !notice_served(sp))
		buf_fmt(b, "<p>%zu task%s ready, and no <code>dagexec</code> "
		    "serves this spool.</p>\n", files.n, files.n == 1 ?
		    " is" : "s are");
	names_free(&files);
}

int
sitehead_put(struct spool *sp, struct page_dir *d, struct siteall *all)
{
	struct frame f = { .title = "All DAGs", .live = true };
	struct buf b = BUF_INIT, own = BUF_INIT;
	int x;

	put_unserved(sp, &own);
	sitealert_put(&all->alerts, ATTENTION, &own);
	frame_begin(&f, &b);
	buf_str(&b, "<h1>All DAGs</h1>\n");
	put_about(sp, all, &b);
	if (own.n) {
		buf_str(&b, "<section class=\"alert\" aria-label=\"What needs "
		    "attention\"><h2>What needs attention</h2>\n");
		buf_add(&b, own.p, own.n);
		buf_str(&b, "</section>\n");
	} else
		buf_str(&b, "<p>Nothing needs attention.</p>\n");
	buf_str(&b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"DAGs\"><table class=\"sort filter\"><thead><tr>"
	    "<th scope=\"col\">DAG</th><th scope=\"col\">Latest run</th>"
	    "<th scope=\"col\">Runs</th><th scope=\"col\">Began</th>"
	    "<th scope=\"col\">Next run</th><th scope=\"col\">Median</th>"
	    "<th scope=\"col\">Ended well</th></tr></thead>\n<tbody>\n");
	buf_add(&b, all->rows.p, all->rows.n);
	buf_str(&b, all->rows.n ? "</tbody></table></div>\n" : "<tr><td>none "
	    "yet</td><td></td><td></td><td></td><td></td><td></td><td></td>"
	    "</tr></tbody></table></div>\n");
	frame_end(&b);
	b.err = b.err ? b.err : all->rows.err ? all->rows.err : own.err;
	x = page_put(d, "index.html", &b, NULL);
	buf_free(&b);
	buf_free(&own);
	return x < 0 ? -1 : 0;
}

void
sitehead_free(struct siteall *all)
{
	buf_free(&all->rows);
	sitealert_free(&all->alerts);
}
