/* sitedag: a DAG's pages: its runs as a grid, its graph, its durations. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "html.h"
#include "picture.h"
#include "sitedag.h"
#include "siterun.h"

enum { COLUMNS = 40, FLAT = 40, FAILURES = 3, TOLD = 5 };

/* the columns: the tasks of the first run that is read, the latest */
static int
take_columns(struct sitedag *d, const struct plan *p)
{
	char name[TASK_LEN + 1];

	if (p->n > COLUMNS)
		return 0;
	d->column = calloc((size_t)p->n + 1, sizeof *d->column);
	for (uint32_t t = 0; d->column && t < p->n; t++) {
		plan_name(p, t, name);
		d->column[t] = strdup(name);
		if (!d->column[t])
			return -1;
		d->columns++;
	}
	return d->column ? 0 : -1;
}

static int
take(struct sitedag *d, struct sight *s, struct sitedag_run *r)
{
	struct buf base = BUF_INIT;
	int64_t t;

	r->state = s->look.state;
	snprintf(r->start, sizeof r->start, "%s", s->start);
	r->seconds = s->seconds;
	r->tasks = s->look.plan->n;
	memcpy(r->count, s->count, sizeof r->count);
	if (s->count[STATE_FAILED] > 0) {
		html_url(&base, r->name);
		buf_ch(&base, '/');
		siterun_failures(s, buf_cstr(&base), FAILURES, false,
		    &r->failures);
		buf_free(&base);
	}
	for (uint32_t i = 0; i < r->tasks; i++)
		if (s->task[i].in.state == STATE_FAILED &&
		    strcmp(s->task[i].sum.end, r->failed) > 0)
			snprintf(r->failed, sizeof r->failed, "%s",
			    s->task[i].sum.end);
	if (!d->columns)
		return 0;
	r->cell = malloc(d->columns);
	for (size_t i = 0; r->cell && i < d->columns; i++) {
		t = plan_find(s->look.plan, d->column[i],
		    strlen(d->column[i]));
		r->cell[i] = t < 0 ? -1 : (signed char)s->task[t].in.state;
	}
	return r->cell ? 0 : -1;
}

/* what cannot be read has a line that says so */
static int
read_run(struct spool *sp, struct sitedag *d, const struct run_entry *e,
    int64_t now, const struct sitedag_each *each)
{
	struct sitedag_run *r = &d->run[d->n++];
	struct buf why = BUF_INIT;
	/* the latest is kept where it is: a sight may point into itself */
	struct sight own = {0}, *s = d->has_latest ? &own : &d->latest;
	struct id id = {0};
	int x = 0;

	*r = (struct sitedag_run){ .state = RUN_NONE, .seconds = -1 };
	snprintf(r->name, sizeof r->name, "%s", e->name);
	snprintf(id.dag, sizeof id.dag, "%s", d->dag);
	snprintf(id.run, sizeof id.run, "%s", e->name);
	if (sight_open(sp, &id, now, s, &why) < 0) {
		x = errno == ENOMEM || errno == EMFILE ? -1 : 0;
		buf_str(&r->failures, "<li>it cannot be read: ");
		html_str(&r->failures, why.n ? buf_cstr(&why) :
		    strerror(errno));
		if (x == 0 && each)
			x = each->run(e, NULL, &why, each->arg);
		buf_str(&r->failures, "</li>\n");
		buf_free(&why);
		return x;
	}
	buf_free(&why);
	if (each)
		x = each->run(e, s, NULL, each->arg);
	if (x == 0 && !d->has_latest)
		x = take_columns(d, s->look.plan);
	if (x == 0)
		x = take(d, s, r);
	if (d->has_latest)
		sight_close(s);
	d->has_latest = true;
	return x;
}

int
sitedag_read(struct spool *sp, const char *dag, const struct run_entry *list,
    size_t n, int64_t now, const struct sitedag_each *each,
    struct sitedag *d)
{
	*d = (struct sitedag){ .dag = dag };
	while (n > 0 && d->n < SITEDAG_RUNS)
		if (read_run(sp, d, &list[--n], now, each) < 0) {
			sitedag_free(d);
			return -1;
		}
	return 0;
}

void
sitedag_free(struct sitedag *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->run[i].cell);
		buf_free(&d->run[i].failures);
	}
	for (size_t i = 0; i < d->columns; i++)
		free(d->column[i]);
	free(d->column);
	if (d->has_latest)
		sight_close(&d->latest);
	*d = (struct sitedag){0};
}

static const char *
state_class(enum run_state s)
{
	return s < 0 ? "unknown" : run_state_name(s);
}

void
sitedag_squares(const struct sitedag *d, const char *base, size_t max,
    struct buf *b)
{
	const struct sitedag_run *r;

	buf_str(b, "<span class=\"squares\">");
	for (size_t i = d->n < max ? d->n : max; i-- > 0;) {
		r = &d->run[i];
		buf_fmt(b, "<a class=\"s-%s\" href=\"%s",
		    state_class(r->state), base);
		html_url(b, r->name);
		buf_str(b, ".html\" title=\"");
		html_str(b, r->name);
		buf_fmt(b, ": %s\"><span aria-hidden=\"true\">%s</span>"
		    "<span class=\"hidden\">%s, ", state_class(r->state),
		    sign_of_run(r->state, true), state_class(r->state));
		html_str(b, r->name);
		buf_str(b, "</span></a>");
	}
	buf_str(b, "</span>");
}

static void
put_trend(const struct sitedag *d, struct buf *b)
{
	struct picture_bar bar[SITEDAG_RUNS];
	struct buf href[SITEDAG_RUNS];
	size_t n = d->n;

	for (size_t i = 0; i < n; i++) {
		href[i] = (struct buf)BUF_INIT;
		html_url(&href[i], d->run[n - 1 - i].name);
		buf_str(&href[i], ".html");
		bar[i] = (struct picture_bar){ d->run[n - 1 - i].name,
		    buf_cstr(&href[i]), state_class(d->run[n - 1 - i].state),
		    d->run[n - 1 - i].seconds };
	}
	picture_trend(bar, n, "How long the runs took", b);
	for (size_t i = 0; i < n; i++)
		buf_free(&href[i]);
}

static void
put_cells(const struct sitedag *d, const struct sitedag_run *r, struct buf *b)
{
	unsigned done = 0;

	for (size_t i = 0; i < d->columns; i++) {
		enum state s = r->cell ? (enum state)r->cell[i] : STATE_NONE;

		if (s < 0) {
			buf_str(b, "<td class=\"cell\"></td>");
			continue;
		}
		buf_fmt(b, "<td class=\"cell\"><a class=\"s-%s\" href=\"",
		    state_name(s));
		html_url(b, r->name);
		buf_ch(b, '/');
		html_url(b, d->column[i]);
		buf_str(b, ".html\" title=\"");
		html_str(b, d->column[i]);
		buf_fmt(b, ": %s\"><span aria-hidden=\"true\">%s</span>"
		    "<span class=\"hidden\">%s</span></a></td>",
		    state_name(s), sign_of(s, true),
		    state_name(s));
	}
	if (d->columns)
		return;
	for (int k = 0; k < STATES; k++)
		if (state_ended((enum state)k))
			done += r->count[k];
	buf_fmt(b, "<td class=\"n\" data-sort=\"%u\">%u/%u</td>", done, done,
	    r->tasks);
}

static void
put_grid(const struct sitedag *d, struct buf *b)
{
	const struct sitedag_run *r;
	size_t letters = 0;

	for (size_t i = 0; i < d->columns; i++)
		letters += strlen(d->column[i]);
	/* names that are too long for their columns stand upright */
	buf_fmt(b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-labelledby=\"runs\"><table class=\"sort filter grid%s\">"
	    "<thead><tr><th scope=\"col\">Run</th><th scope=\"col\">State"
	    "</th><th scope=\"col\">Start</th><th scope=\"col\">Took</th>",
	    letters > FLAT ? " upright" : "");
	for (size_t i = 0; i < d->columns; i++) {
		buf_str(b, "<th scope=\"col\" class=\"cell\">");
		html_str(b, d->column[i]);
		buf_str(b, "</th>");
	}
	if (!d->columns)
		buf_str(b, "<th scope=\"col\">Tasks</th>");
	buf_str(b, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < d->n; i++) {
		r = &d->run[i];
		buf_str(b, "<tr><th scope=\"row\"><a href=\"");
		html_url(b, r->name);
		buf_str(b, ".html\">");
		html_str(b, r->name);
		buf_str(b, "</a></th><td>");
		if (r->state >= 0)
			frame_run_state(r->state, b);
		buf_str(b, "</td><td>");
		frame_time(r->start, b);
		buf_fmt(b, "</td><td class=\"n\" data-sort=\"%.3f\">",
		    r->seconds);
		frame_seconds(r->seconds, b);
		buf_str(b, "</td>");
		put_cells(d, r, b);
		buf_str(b, "</tr>\n");
	}
	buf_str(b, "</tbody></table></div>\n");
}

/* links to the pages of runs: 1 has the oldest */
static void
put_pages(size_t number, size_t pages, struct buf *b)
{
	if (pages < 2)
		return;
	buf_str(b, "<nav aria-label=\"Pages of runs\" class=\"pages\"><ul>"
	    "\n");
	for (size_t i = pages; i > 0; i--)
		if (i == number)
			buf_fmt(b, "<li><span aria-current=\"page\">%zu"
			    "</span></li>\n", i);
		else
			buf_fmt(b, "<li><a href=\"page-%zu.html\" aria-label="
			    "\"Page %zu\">%zu</a></li>\n", i, i, i);
	buf_str(b, "</ul></nav>\n");
}

static void
put_failed(const struct sitedag *d, struct buf *b)
{
	const struct sitedag_run *r;
	size_t told = 0;

	for (size_t i = 0; i < d->n; i++) {
		r = &d->run[i];
		if (r->failures.n == 0 || told++ >= TOLD)
			continue;
		if (told == 1)
			buf_str(b, "<section class=\"alert\" aria-label=\""
			    "What failed\"><h2>What failed</h2>\n");
		buf_str(b, "<h3><a href=\"");
		html_url(b, r->name);
		buf_str(b, ".html\">");
		html_str(b, r->name);
		buf_str(b, "</a></h3>\n<ul>\n");
		buf_add(b, r->failures.p, r->failures.n);
		buf_str(b, "</ul>\n");
	}
	if (told > TOLD)
		buf_fmt(b, "<p>And %zu more of these runs.</p>\n",
		    told - TOLD);
	if (told)
		buf_str(b, "</section>\n");
}

/* the graph, as of the latest run; -1, ENOMEM */
static int
put_graph(struct graphviz *v, const struct sitedag *d, struct buf *b)
{
	struct buf base = BUF_INIT;
	int x;

	if (!d->has_latest)
		return 0;
	buf_str(b, "<h2>Graph, as of the latest run</h2>\n");
	html_url(&base, d->latest.look.id.run);
	buf_ch(&base, '/');
	x = picture_graph(v, &d->latest, buf_cstr(&base), b);
	buf_free(&base);
	return x;
}

int
sitedag_put(struct page_dir *dir, struct graphviz *v, const struct sitedag *d,
    size_t number, size_t pages, const char *key, const struct buf *about)
{
	struct buf b = BUF_INIT, title = BUF_INIT;
	/* runs come and go on the DAG's own page */
	struct frame f = { .key = key, .dag = d->dag, .live = number == 0 };
	char path[FILE_LEN];
	int x = 0;

	buf_str(&title, d->dag);
	if (number)
		buf_fmt(&title, ", page %zu of %zu", number, pages);
	f.title = buf_cstr(&title);
	for (size_t i = 0; i < d->n; i++)
		f.live = f.live || d->run[i].state == RUN_ACTIVE;
	frame_begin(&f, &b);
	buf_str(&b, "<h1>");
	html_str(&b, f.title);
	buf_str(&b, "</h1>\n");
	buf_add(&b, about->p, about->n);
	put_failed(d, &b);
	if (!number)
		x = put_graph(v, d, &b);
	buf_str(&b, "<h2 id=\"runs\">Runs</h2>\n");
	put_trend(d, &b);
	put_grid(d, &b);
	put_pages(number, pages, &b);
	frame_end(&b);
	if (number)
		snprintf(path, sizeof path, "%s/page-%zu.html", d->dag,
		    number);
	else
		snprintf(path, sizeof path, "%s/index.html", d->dag);
	if (x == 0)
		x = page_put(dir, path, &b, NULL);
	buf_free(&b);
	buf_free(&title);
	return x < 0 ? -1 : 0;
}
