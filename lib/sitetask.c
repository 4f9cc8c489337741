/* sitetask: the pages of a run's tasks: attempts, values, resources, logs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "frame.h"
#include "html.h"
#include "io.h"
#include "logs.h"
#include "row.h"
#include "sitetask.h"
#include "story.h"
#include "why.h"

/* bytes of a log that a page has: the end of the last attempt's, of others */
enum { LOG_MAX = 64 << 10, OLD_MAX = 8 << 10, LOGS = 5, VALUES = 64 << 10,
	EVENT_COLS = 10, WHEN = 4, WHY_COLS = 3 };

struct pages {
	struct spool *sp;
	struct page_dir *dir;
	struct sight *s;
	struct view events, whys;
	struct names logs;	/* of a run that is not archived */
	const char *event, *why;	/* the next row of the cells of each */
};

/* a text, and the command that it ends in, if it does */
static void
put_advice(const char *text, struct buf *b)
{
	const char *command = strstr(text, ": dagq ");

	if (!command) {
		html_str(b, text);
		return;
	}
	html_text(b, text, (size_t)(command - text));
	buf_str(b, ": <code>");
	html_str(b, command + 2);
	buf_str(b, "</code>");
}

/* what keeps it from going on: the rows of --why */
static void
put_why(struct pages *p, const char *id, struct buf *b)
{
	const struct table *t = &p->whys.table[VIEW_WHYS];
	const char *cell;

	while (p->why && strcmp(p->why, id) == 0) {
		cell = table_after(t, table_after(t, p->why));
		buf_str(b, "<p class=\"why\">");
		put_advice(cell, b);
		buf_str(b, "</p>\n");
		p->why = table_after(t, cell);
	}
}

/* a cell of an attempt or event, as the column wants it */
static void
put_cell(int column, const char *cell, struct buf *b)
{
	enum state state;

	if (strcmp(cell, "-") == 0)
		return;
	for (state = 0; column == 1 && state < STATES; state++)
		if (strcmp(cell, state_name(state)) == 0) {
			frame_state(state, b);
			return;
		}
	if (column == WHEN)
		frame_time(cell, b);
	else
		html_str(b, cell);
}

/* a column in which nothing stands is left out */
static void
put_events(struct pages *p, const char *id, struct buf *b)
{
	static const char *const head[EVENT_COLS] = { NULL, "What", "Attempt",
	    "Exit", "When", "Took", "Memory", "Host", "By", "Note" };
	const struct table *t = &p->events.table[VIEW_EVENTS];
	const char *cell, *row = p->event;
	bool used[EVENT_COLS] = {false};

	if (!row || strcmp(row, id) != 0)
		return;
	for (cell = row; cell && strcmp(cell, id) == 0;)
		for (int i = 0; i < EVENT_COLS; i++) {
			used[i] |= i > 0 && strcmp(cell, "-") != 0;
			cell = table_after(t, cell);
		}
	buf_str(b, "<h2 id=\"attempts\">Attempts</h2>\n<div class=\"scroll\" "
	    "tabindex=\"0\" role=\"region\" aria-labelledby=\"attempts\">"
	    "<table><thead><tr>");
	for (int i = 1; i < EVENT_COLS; i++)
		if (used[i])
			buf_fmt(b, "<th scope=\"col\">%s</th>", head[i]);
	buf_str(b, "</tr></thead>\n<tbody>\n");
	for (cell = row; cell && strcmp(cell, id) == 0;) {
		buf_str(b, "<tr>");
		cell = table_after(t, cell);
		for (int i = 1; i < EVENT_COLS; i++) {
			if (used[i]) {
				buf_str(b, "<td>");
				put_cell(i, cell, b);
				buf_str(b, "</td>");
			}
			cell = table_after(t, cell);
		}
		buf_str(b, "</tr>\n");
	}
	p->event = cell;
	buf_str(b, "</tbody></table></div>\n");
}

static void
put_values(struct pages *p, const struct id *id, struct buf *b)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	char path[FILE_LEN];
	int x;

	snprintf(path, sizeof path, "out/%s", id->task);
	x = p->s->look.id.archived ? archive_get(p->sp, id->dag, id->run,
	    path, VALUES, &text, &why) : io_read(p->s->look.run.fd, path,
	    &text, VALUES);
	if ((x == 0 || errno == EFBIG) && text.n > 0) {
		buf_str(b, "<h2>Values</h2>\n<pre tabindex=\"0\">");
		html_text(b, text.p, text.n);
		buf_str(b, "</pre>\n");
	}
	buf_free(&text);
	buf_free(&why);
}

/* the end of a log, from the first whole line on; false: it is empty */
static bool
put_log(int fd, size_t max, struct buf *b)
{
	struct buf text = BUF_INIT;
	struct stat st;
	const char *from, *nl;
	off_t at;

	if (fstat(fd, &st) < 0 || st.st_size == 0)
		return false;
	at = st.st_size > (off_t)max ? st.st_size - (off_t)max : 0;
	if (lseek(fd, at, SEEK_SET) < 0 || (buf_read(&text, fd, max) < 0 &&
	    errno != EFBIG)) {
		buf_free(&text);
		return false;
	}
	from = text.p;
	if (at > 0 && text.n && (nl = memchr(text.p, '\n', text.n))) {
		from = nl + 1;
		at += from - text.p;
	}
	if (at > 0)
		buf_fmt(b, "<p>The first %lld bytes are left out.</p>\n",
		    (long long)at);
	buf_str(b, "<pre class=\"log\" tabindex=\"0\">");
	if (text.n)
		html_log(b, from, text.n - (size_t)(from - text.p));
	buf_str(b, "</pre>\n");
	buf_free(&text);
	return true;
}

static void
put_logs(struct pages *p, const struct id *id, struct buf *b)
{
	const struct run *r = &p->s->look.run;
	struct buf why = BUF_INIT;
	unsigned attempt = 0, shown = 0;
	bool some;
	int fd;

	fd = r->fd < 0 ? logs_open(p->sp, id, &attempt, &why) :
	    logs_open_in(r, &p->logs, id->task, &attempt);
	for (; fd >= 0 || (attempt > 0 && shown < LOGS); shown++) {
		if (fd >= 0) {
			buf_fmt(b, shown ? "<details><summary>Log of attempt "
			    "%u</summary>\n" : "<h2 id=\"log\">Log of attempt "
			    "%u</h2>\n", attempt);
			some = put_log(fd, shown ? OLD_MAX : LOG_MAX, b);
			if (!some)
				buf_str(b, "<p>It is empty.</p>\n");
			buf_str(b, shown ? "</details>\n" : "");
			close(fd);
		}
		fd = -1;
		if (attempt <= 1 || shown + 1 >= LOGS)
			break;
		attempt--;
		fd = r->fd < 0 ? logs_open(p->sp, id, &attempt, &why) :
		    logs_open_in(r, &p->logs, id->task, &attempt);
	}
	buf_free(&why);
}

static void
put_facts(const struct sight *s, uint32_t t, struct buf *b)
{
	const struct sight_task *k = &s->task[t];
	struct buf v = BUF_INIT, all = BUF_INIT;
	const struct {
		const char *name, *text;
	} plain[] = {
		{"Host", k->sum.host}, {"Note", k->sum.note},
	};

	if (k->sum.attempt) {
		buf_fmt(&v, "%u", k->sum.attempt);
		frame_fact("Attempts", &v, &all);
		buf_reset(&v);
		frame_time(k->sum.start, &v);
		frame_fact("Start", &v, &all);
		buf_reset(&v);
		frame_seconds(k->seconds, &v);
		frame_fact(k->in.state == STATE_RUNNING ? "Has taken" : "Took",
		    &v, &all);
		buf_reset(&v);
		row_put_seconds(&v, k->sum.user);
		if (v.n)
			buf_str(&v, " user, ");
		row_put_seconds(&v, k->sum.sys);
		if (v.n)
			buf_str(&v, " system");
		frame_fact("CPU", &v, &all);
		buf_reset(&v);
		row_put_memory(&v, k->sum.rss);
		frame_fact("Memory", &v, &all);
	}
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		buf_reset(&v);
		html_str(&v, plain[i].text);
		frame_fact(plain[i].name, &v, &all);
	}
	if (all.n)
		buf_fmt(b, "<ul class=\"facts\">\n%s</ul>\n",
		    buf_cstr(&all));
	buf_free(&all);
	buf_free(&v);
}

static void
put_command(const struct sight *s, uint32_t t, struct buf *b)
{
	struct buf v = BUF_INIT;
	const char *run = plan_get(s->look.plan, t, "run", &v);

	const char *child = s->task[t].sum.child;

	if (child[0]) {
		buf_str(b, "<h2>DAG</h2>\n<p><a href=\"../../");
		html_str(b, child);
		buf_str(b, ".html\">");
		html_str(b, child);
		buf_str(b, "</a></p>\n");
	}
	if (run) {
		buf_str(b, "<h2>Command</h2>\n<pre tabindex=\"0\">");
		html_str(b, run);
		buf_str(b, "</pre>\n");
	}
	buf_free(&v);
}

static int
put_task(struct pages *p, uint32_t t)
{
	struct sight *s = p->s;
	struct id id = s->look.id;
	struct buf b = BUF_INIT, text = BUF_INIT, title = BUF_INIT;
	struct frame f = { .dag = id.dag, .run = id.run, .task = id.task };
	char path[2 * FILE_LEN];
	int x;

	plan_name(s->look.plan, t, id.task);
	id_text(&text, &id);
	f.live = s->task[t].in.state == STATE_RUNNING;
	buf_fmt(&title, "%s: %s", buf_cstr(&text),
	    state_name(s->task[t].in.state));
	f.title = buf_cstr(&title);
	frame_begin(&f, &b);
	buf_str(&b, "<h1>");
	html_str(&b, id.task);
	buf_ch(&b, ' ');
	frame_state(s->task[t].in.state, &b);
	buf_str(&b, "</h1>\n");
	put_why(p, buf_cstr(&text), &b);
	put_facts(s, t, &b);
	put_logs(p, &id, &b);
	put_values(p, &id, &b);
	put_events(p, buf_cstr(&text), &b);
	put_command(s, t, &b);
	frame_end(&b);
	snprintf(path, sizeof path, "%s/%s/%s.html", id.dag, id.run, id.task);
	x = page_put(p->dir, path, &b, NULL);
	buf_free(&b);
	buf_free(&text);
	buf_free(&title);
	return x;
}

/* passes over rows of tasks that have no page, and of the run */
static void
skip(const char **at, const struct table *t, const char *id, int cols)
{
	const char *cell = *at;

	while (cell && strcmp(cell, id) != 0)
		for (int i = 0; cell && i < cols; i++)
			cell = table_after(t, cell);
	*at = cell ? cell : *at;
}

int
sitetask_put(struct spool *sp, struct page_dir *d, struct sight *s)
{
	struct pages p = { .sp = sp, .dir = d, .s = s };
	struct id id = s->look.id;
	struct buf why = BUF_INIT, text = BUF_INIT;
	struct view_style style = { .bare = true };
	char path[2 * FILE_LEN];
	int x;

	snprintf(path, sizeof path, "%s/%s", id.dag, id.run);
	if ((x = page_mkdir(d, path)) < 0)
		return -1;
	view_begin(&p.events, &style);
	view_begin(&p.whys, &style);
	story_look(&s->look, &p.events);
	/* what cannot be told is left out: the rest of the page is there */
	if (s->look.run.fd >= 0)
		names_list(s->look.run.fd, "log", &p.logs);
	if (s->look.state != RUN_SUCCESS)
		why_explain(sp, &id, &p.whys, &why);
	p.event = table_first(&p.events.table[VIEW_EVENTS]);
	p.why = table_first(&p.whys.table[VIEW_WHYS]);
	for (uint32_t t = 0; t < s->look.plan->n && x >= 0; t++) {
		if (!sight_has_page(s, t))
			continue;
		plan_name(s->look.plan, t, id.task);
		buf_reset(&text);
		id_text(&text, &id);
		skip(&p.event, &p.events.table[VIEW_EVENTS], buf_cstr(&text),
		    EVENT_COLS);
		skip(&p.why, &p.whys.table[VIEW_WHYS], buf_cstr(&text),
		    WHY_COLS);
		x = put_task(&p, t);
	}
	buf_reset(&text);
	view_end(&p.events, VIEW_EVENTS, &text);
	view_end(&p.whys, VIEW_WHYS, &text);
	buf_free(&text);
	buf_free(&why);
	names_free(&p.logs);
	return x < 0 ? -1 : 0;
}
