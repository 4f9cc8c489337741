/* statview: the full screen of dagstat --watch, drawn. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "prog.h"
#include "row.h"
#include "sign.h"
#include "statview.h"
#include "text.h"

static const char *const help[] = {
	"Up Down j k PgUp PgDn Home End g G   choose a line",
	"Tab              the next panel: runs, tasks, log",
	"Enter            the panel alone; Esc: all of them",
	"l p w            in the last panel: the log, the pools, what is ready",
	"/                show only names with a text in them; Enter ends it",
	"!                show all, those that are active, those that failed",
	"r                rerun the run or the task, whichever panel it is",
	"h u              hold it; release it",
	"K                kill it",
	"q                quit",
};

static void
put(struct statview *v, size_t row, size_t col, enum term_hue hue,
    bool reverse, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

static void
put(struct statview *v, size_t row, size_t col, enum term_hue hue,
    bool reverse, const char *fmt, ...)
{
	struct buf b = BUF_INIT, safe = BUF_INIT;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	text_plain(&safe, text, strlen(text));
	if (col < v->cols)
		term_cut(&b, v->term, buf_cstr(&safe), safe.n, v->cols - col);
	screen_put(&v->screen, row, col, hue, reverse, buf_cstr(&b), b.n);
	buf_free(&b);
	buf_free(&safe);
}

void
statview_layout(struct statview *v)
{
	size_t left, each;

	screen_size(&v->screen, &v->rows, &v->cols);
	memset(v->room, 0, sizeof v->room);
	/* a line above all, and one below */
	left = v->rows > 3 ? v->rows - 2 : 1;
	if (v->zoom) {
		v->room[v->focus] = left > 1 ? left - 1 : 1;
		return;
	}
	left = left > 2 * PANELS ? left - PANELS : PANELS;
	each = left / PANELS;
	v->room[PANEL_RUNS] = v->room[PANEL_TASKS] = each;
	v->room[PANEL_THIRD] = left - 2 * each;
}

static void
draw_top(struct statview *v)
{
	struct scene *s = &v->scene;
	char now[INSTANT_LEN];

	instant_format(now, clock_seconds(), 0);
	put(v, 0, 0, HUE_STRONG, false, "%s  %zu run%s  %zu ready%s%s",
	    now, s->runs_all, s->runs_all == 1 ? "" : "s", s->queue.n,
	    s->served ? "" : ", no dagexec serves this spool",
	    s->blind ? "  (not all of it can be watched)" : "");
	/* nobody will do what is there to do */
	if (s->queue.n > 0 && !s->served)
		put(v, 0, 0, HUE_BUSY, false, "%s", now);
	if (s->paused && v->cols > 70)
		put(v, 0, v->cols - 12, HUE_HELD, false, "%4u paused",
		    s->paused);
}

static void
draw_bottom(struct statview *v)
{
	size_t row = v->rows - 1;

	if (v->typing)
		put(v, row, 0, HUE_STRONG, false, "/%s_", v->typed);
	else if (v->message[0])
		put(v, row, 0, v->bad ? HUE_BAD : HUE_STRONG, false, "%s",
		    v->message);
	else
		put(v, row, 0, HUE_DIM, false, "Tab panel  r rerun  h hold  "
		    "u release  K kill  l log  / filter  ? help  q quit");
}

/* the head of a panel; that in focus stands out */
static size_t
draw_head(struct statview *v, enum panel p, size_t row, const char *text)
{
	put(v, row, 0, HUE_DIM, v->focus == p, "%-*s", (int)v->cols, text);
	return row + 1;
}

static void
describe(const struct scene_list *l, const char *what, struct buf *b)
{
	static const char *const kinds[ONLY_KINDS] = {"", ", active",
	    ", failed"};

	buf_fmt(b, " %s %zu/%zu%s", what, l->n ? l->at + 1 : 0, l->n,
	    kinds[l->only]);
	if (l->filter[0])
		buf_fmt(b, ", with %s", l->filter);
}

static unsigned
ended(const struct glance *g)
{
	unsigned n = 0;

	for (int s = 0; s < STATES; s++)
		if (state_ended((enum state)s))
			n += g->count[s];
	return n;
}

static void
draw_run(struct statview *v, const struct scene_seen *r, size_t row,
    bool chosen)
{
	struct buf bar = BUF_INIT, some = BUF_INIT;
	unsigned n = ended(&r->now);
	bool wide = v->cols >= 72;
	size_t width = wide ? 44 : 33;
	size_t at = v->cols > width ? v->cols - width : 0;

	put(v, row, 0, HUE_PLAIN, chosen, "%c%s/%s", chosen ? '>' : ' ',
	    r->id.dag, r->id.run);
	put(v, row, at, sign_run_hue(r->now.state), chosen, " %s %-7s",
	    sign_of_run(r->now.state, v->term->utf8),
	    run_state_name(r->now.state));
	term_bar(&bar, v->term, r->tasks ? (double)n / r->tasks : 0, 10);
	for (int s = STATES - 1; s >= 0; s--)
		if (r->now.count[s] && s != STATE_SUCCESS)
			buf_fmt(&some, " %s%u", sign_of((enum state)s,
			    v->term->utf8), r->now.count[s]);
	if (wide)
		put(v, row, at + 11, sign_run_hue(r->now.state), chosen, "%s",
		    buf_cstr(&bar));
	put(v, row, at + (wide ? 21 : 10), HUE_PLAIN, chosen,
	    " %5u/%-5u%s", n, r->tasks, buf_cstr(&some));
	buf_free(&bar);
	buf_free(&some);
}

static size_t
draw_runs(struct statview *v, size_t row)
{
	struct buf head = BUF_INIT;
	struct scene *s = &v->scene;

	describe(&s->runs, "RUN", &head);
	row = draw_head(v, PANEL_RUNS, row, buf_cstr(&head));
	for (size_t i = 0; i < s->nseen && i < v->room[PANEL_RUNS]; i++)
		draw_run(v, &s->seen[i], row + i, s->runs.top + i ==
		    s->runs.at);
	buf_free(&head);
	return row + v->room[PANEL_RUNS];
}

static void
draw_task(struct statview *v, size_t i, size_t row)
{
	struct scene *s = &v->scene;
	uint32_t t = s->task[s->tasks.top + i];
	bool chosen = s->tasks.top + i == s->tasks.at;
	struct id id = s->id;
	struct row_task task = { &id, s->look.inst[t], &s->sum[i],
	    s->look.plan, t };
	struct row r = { .task = &task, .now = clock_seconds(),
	    .term = v->term };
	const char *cols[] = {"attempt", "exit", "start", "elapsed", "note"};
	struct buf line = BUF_INIT, cell = BUF_INIT;
	enum state state = task.in.state;
	size_t at = v->cols > 76 ? 28 : 16;

	plan_name(s->look.plan, t, id.task);
	put(v, row, 0, HUE_PLAIN, chosen, "%c%.*s", chosen ? '>' : ' ',
	    (int)at - 2, id.task);
	put(v, row, at, sign_hue(state), chosen, "%s %-15s", sign_of(state,
	    v->term->utf8), state_name(state));
	for (size_t c = 0; c < sizeof cols / sizeof *cols; c++) {
		buf_reset(&cell);
		row_shown(&r, row_find(cols[c], strlen(cols[c])), &cell);
		buf_fmt(&line, c == 0 ? "%2s" : c == 4 ? "  %s" : c == 1 ?
		    "%5s" : c == 2 ? "%11s" : "%8s", cell.n ?
		    buf_cstr(&cell) : c == 4 ? "" : "-");
	}
	put(v, row, at + 18, HUE_PLAIN, chosen, "%s", buf_cstr(&line));
	buf_free(&line);
	buf_free(&cell);
}

static size_t
draw_tasks(struct statview *v, size_t row)
{
	struct buf head = BUF_INIT;
	struct scene *s = &v->scene;

	describe(&s->tasks, "TASK", &head);
	if (s->id.run[0])
		buf_fmt(&head, "  of %s/%s", s->id.dag, s->id.run);
	if (s->id.run[0] && !s->open)
		buf_str(&head, ", which cannot be read: dagq --check");
	row = draw_head(v, PANEL_TASKS, row, buf_cstr(&head));
	for (size_t i = 0; s->open && i < v->room[PANEL_TASKS] &&
	    s->tasks.top + i < s->tasks.n; i++)
		draw_task(v, i, row + i);
	buf_free(&head);
	return row + v->room[PANEL_TASKS];
}

/* lines of a text, as many as there is room for */
static void
draw_lines(struct statview *v, const char *p, size_t row)
{
	struct buf line = BUF_INIT;
	size_t n;

	for (size_t i = 0; i < v->room[PANEL_THIRD] && *p; i++) {
		n = strcspn(p, "\n");
		buf_reset(&line);
		/* tabs to the next eighth column */
		for (size_t k = 0; k < n && line.n < 4 * v->cols; k++)
			do
				buf_ch(&line, p[k] == '\t' ? ' ' : p[k]);
			while (p[k] == '\t' && line.n % 8);
		put(v, row + i, 0, HUE_PLAIN, false, "%s", buf_cstr(&line));
		p += n + (p[n] == '\n');
	}
	buf_free(&line);
}

static void
draw_pools(struct statview *v, size_t row)
{
	const char *p = buf_cstr(&v->scene.pools);
	char name[NAME_LEN + 1];
	unsigned held, size;
	struct buf bar = BUF_INIT;

	for (size_t i = 0; i < v->room[PANEL_THIRD] && sscanf(p,
	    "%64s %u %u", name, &held, &size) == 3; i++) {
		buf_reset(&bar);
		term_bar(&bar, v->term, size ? (double)held / size : 0, 20);
		put(v, row + i, 0, held < size ? HUE_PLAIN : HUE_BUSY, false,
		    " %-24s %s %u of %u", name, buf_cstr(&bar), held, size);
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	buf_free(&bar);
}

static void
draw_queue(struct statview *v, size_t row)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	const struct names *q = &v->scene.queue;
	size_t shown = 0;

	for (size_t i = 0; i < q->n && shown < v->room[PANEL_THIRD]; i++)
		if (queue_parse(q->name[i], dag, run, task) == 0)
			put(v, row + shown++, 0, HUE_DUE, false, " %s/%s/%s",
			    dag, run, task);
}

static void
draw_third(struct statview *v, size_t row)
{
	struct scene *s = &v->scene;
	struct buf head = BUF_INIT;
	struct id id;

	if (v->third == THIRD_POOLS)
		buf_str(&head, " POOLS");
	else if (v->third == THIRD_QUEUE)
		buf_fmt(&head, " QUEUE %zu", s->queue.n);
	else if (!scene_task(s, &id))
		buf_str(&head, " LOG");
	else if (s->log_attempt)
		buf_fmt(&head, " LOG of %s, attempt %u", id.task,
		    s->log_attempt);
	else
		buf_fmt(&head, " LOG of %s: none yet", id.task);
	if (v->third == THIRD_LOG && s->log_back)
		buf_fmt(&head, ", %zu lines back", s->log_back);
	row = draw_head(v, PANEL_THIRD, row, buf_cstr(&head));
	if (v->third == THIRD_POOLS)
		draw_pools(v, row);
	else if (v->third == THIRD_QUEUE)
		draw_queue(v, row);
	else
		draw_lines(v, buf_cstr(&s->log), row);
	buf_free(&head);
}

void
statview_draw(struct statview *v)
{
	size_t row = 1;

	screen_clear(&v->screen);
	draw_top(v);
	for (size_t i = 0; v->help && i < sizeof help / sizeof *help; i++)
		put(v, i + 2, 2, HUE_PLAIN, false, "%s", help[i]);
	if (!v->help && v->room[PANEL_RUNS])
		row = draw_runs(v, row);
	if (!v->help && v->room[PANEL_TASKS])
		row = draw_tasks(v, row);
	if (!v->help && v->room[PANEL_THIRD])
		draw_third(v, row);
	draw_bottom(v);
	screen_show(&v->screen);
}
