/* row: a run or a task in a line: the columns that it can have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "row.h"
#include "sign.h"

enum col {
	COL_ID, COL_DAG, COL_RUN, COL_TASK, COL_STATE, COL_ATTEMPT, COL_EXIT,
	COL_DONE, COL_START, COL_END, COL_ELAPSED, COL_CPU, COL_RSS, COL_HOST,
	COL_PID, COL_CAUSE, COL_TASKS, COL_NOTE,
};

const struct row_col row_cols[ROW_COLS + 1] = {
	[COL_ID] = {"id", "ID"}, [COL_DAG] = {"dag", "DAG"},
	[COL_RUN] = {"run", "RUN"}, [COL_TASK] = {"task", "TASK"},
	[COL_STATE] = {"state", "STATE"},
	[COL_ATTEMPT] = {"attempt", ">ATTEMPT"},
	[COL_EXIT] = {"exit", ">EXIT"}, [COL_DONE] = {"done", ">DONE"},
	[COL_START] = {"start", "START"}, [COL_END] = {"end", "END"},
	[COL_ELAPSED] = {"elapsed", ">TIME"}, [COL_CPU] = {"cpu", ">CPU"},
	[COL_RSS] = {"rss", ">MEM"}, [COL_HOST] = {"host", "HOST"},
	[COL_PID] = {"pid", ">PID"}, [COL_CAUSE] = {"cause", "CAUSE"},
	[COL_TASKS] = {"tasks", "TASKS"}, [COL_NOTE] = {"note", "NOTE"},
	{NULL, NULL},
};

int
row_find(const char *name, size_t n)
{
	for (int c = 0; c < ROW_COLS; c++)
		if (strncmp(row_cols[c].name, name, n) == 0 &&
		    !row_cols[c].name[n])
			return c;
	return -1;
}

bool
row_of_run(int col)
{
	return col != COL_TASK && col != COL_ATTEMPT && col != COL_EXIT &&
	    col != COL_CPU && col != COL_RSS && col != COL_HOST &&
	    col != COL_PID && col != COL_NOTE;
}

bool
row_of_task(int col)
{
	return col != COL_DONE && col != COL_CAUSE && col != COL_TASKS;
}

double
row_seconds(const char *from, const char *to)
{
	int64_t a, b, x = 0, y = 0;
	const char *p;

	if (instant_parse(from, &a, NULL) < 0 ||
	    instant_parse(to, &b, NULL) < 0)
		return -1;
	if ((p = strchr(from, '.')))
		x = strtol(p + 1, NULL, 10);
	if ((p = strchr(to, '.')))
		y = strtol(p + 1, NULL, 10);
	/* fractions are milliseconds here, whoever writes them */
	return (double)(b - a) + (double)(y - x) / 1000;
}

void
row_instant(char out[INSTANT_LEN], const char *s)
{
	const char *dot = strchr(s, '.'), *rest;

	rest = dot ? dot + 1 + strspn(dot + 1, "0123456789") : "";
	snprintf(out, INSTANT_LEN, "%.*s%s", dot ? (int)(dot - s) :
	    INSTANT_LEN - 1, s, rest);
}

const char *
row_start(const struct row *r)
{
	return r->run ? r->run->start : r->task->sum->start;
}

const char *
row_end(const struct row *r)
{
	return r->run ? r->run->end : r->task->sum->end;
}

unsigned
row_attempt(const struct row *r)
{
	if (r->run)
		return 0;
	return r->task->in.attempt ? r->task->in.attempt :
	    r->task->sum->attempt;
}

double
row_elapsed(const struct row *r)
{
	const char *start = row_start(r), *end = r->run ? r->run->end : "";
	bool runs = r->run ? r->run->state == RUN_ACTIVE :
	    r->task->in.state == STATE_RUNNING;
	char now[INSTANT_LEN];
	double s;

	if (!r->run && r->task->sum->wall[0])
		return strtod(r->task->sum->wall, NULL);
	if (!start[0] || (!end[0] && !runs))
		return -1;
	instant_format(now, r->now, 0);
	s = row_seconds(start, end[0] ? end : now);
	/* now is in whole seconds */
	return s < 0 && s > -1 && !end[0] ? 0 : s;
}

/* "2 failed, 1 held": what there is beside success and waiting */
static void
put_counts(struct buf *b, const struct row_run *r)
{
	static const enum state told[] = {
		STATE_FAILED, STATE_UPSTREAM_FAILED, STATE_HELD, STATE_RUNNING,
		STATE_READY, STATE_WAITING, STATE_SKIPPED,
	};
	bool some = false;

	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		if (!r->count[told[i]])
			continue;
		buf_fmt(b, "%s%u %s", some ? ", " : "", r->count[told[i]],
		    state_name(told[i]));
		some = true;
	}
}

static void
run_cell(const struct row_run *r, int col, struct buf *b)
{
	unsigned done = 0;

	if (col == COL_STATE)
		buf_str(b, run_state_name(r->state));
	else if (col == COL_CAUSE)
		buf_str(b, r->cause);
	else if (col == COL_TASKS)
		put_counts(b, r);
	else if (col == COL_DONE && r->counted) {
		for (int s = 0; s < STATES; s++)
			if (state_ended((enum state)s))
				done += r->count[s];
		buf_fmt(b, "%u/%u", done, r->tasks);
	}
}

static void
task_cell(const struct row_task *t, int col, struct buf *b)
{
	const struct marker_sum *s = t->sum;

	if (col == COL_TASK)
		buf_str(b, t->id->task);
	else if (col == COL_STATE)
		buf_str(b, state_name(t->in.state));
	else if (col == COL_EXIT)
		buf_str(b, s->signal[0] ? s->signal : s->exit);
	else if (col == COL_RSS)
		buf_str(b, s->rss);
	else if (col == COL_HOST)
		buf_str(b, s->host);
	else if (col == COL_PID)
		buf_str(b, s->pid);
	else if (col == COL_NOTE)
		buf_fmt(b, "%s%s%s%s%s", s->child, s->child[0] &&
		    (s->reason[0] || s->note[0]) ? "; " : "", s->reason,
		    s->reason[0] && s->note[0] ? "; " : "", s->note);
	else if (col == COL_CPU && (s->user[0] || s->sys[0]))
		buf_fmt(b, "%.3f", strtod(s->user, NULL) +
		    strtod(s->sys, NULL));
}

void
row_raw(const struct row *r, int col, struct buf *b)
{
	const struct id *id = r->run ? r->run->id : r->task->id;
	double s;

	if (col == COL_ID)
		id_text(b, id);
	else if (col == COL_DAG)
		buf_str(b, id->dag);
	else if (col == COL_RUN)
		buf_str(b, id->run);
	else if (col == COL_START)
		buf_str(b, row_start(r));
	else if (col == COL_END)
		buf_str(b, row_end(r));
	else if (col == COL_ATTEMPT && row_attempt(r))
		buf_fmt(b, "%u", row_attempt(r));
	else if (col == COL_ELAPSED && (s = row_elapsed(r)) >= 0)
		buf_fmt(b, "%.3f", s);
	else if (r->run)
		run_cell(r->run, col, b);
	else
		task_cell(r->task, col, b);
}

void
row_put_seconds(struct buf *b, const char *text)
{
	double s = *text ? strtod(text, NULL) : -1;

	if (s >= 60 && s < 1e11)
		dur_format(b, (int64_t)s);
	else if (s >= 0 && s < 60)
		buf_fmt(b, s < 10 ? "%.3fs" : "%.1fs", s);
}

void
row_put_memory(struct buf *b, const char *text)
{
	static const char unit[] = "KMGT";
	double n = strtod(text, NULL);
	size_t u = 0;

	if (!*text)
		return;
	for (; n >= 1000 && unit[u + 1]; u++)
		n /= 1024;
	buf_fmt(b, n < 10 && u ? "%.1f%c" : "%.0f%c", n, unit[u]);
}

enum term_hue
row_hue(const struct row *r, int col)
{
	if (col == COL_STATE || col == COL_DONE)
		return r->run ? sign_run_hue(r->run->state) :
		    sign_hue(r->task->in.state);
	if (col == COL_EXIT && !r->run && r->task->in.state == STATE_FAILED)
		return HUE_BAD;
	return HUE_PLAIN;
}

/* an instant as it was written; on a terminal, how long ago it was */
static void
put_instant(const struct row *r, const char *s, struct buf *b)
{
	char when[INSTANT_LEN];
	int64_t t;

	row_instant(when, s);
	if (r->term && r->term->tty && instant_parse(when, &t, NULL) == 0)
		term_ago(b, t, r->now);
	else
		buf_str(b, when);
}

/* behind "3/4": a bar of it, where there is room */
static void
put_bar(const struct row *r, const char *done, struct buf *b)
{
	const char *of = strchr(done, '/');
	double all = of ? strtod(of + 1, NULL) : 0;

	if (!r->term || !r->term->tty || r->term->cols < TERM_WIDE || all <= 0)
		return;
	buf_ch(b, ' ');
	term_bar(b, r->term, strtod(done, NULL) / all, 10);
}

void
row_shown(const struct row *r, int col, struct buf *b)
{
	struct buf raw = BUF_INIT;
	const char *s;

	row_raw(r, col, &raw);
	s = buf_cstr(&raw);
	if (col == COL_START || col == COL_END)
		put_instant(r, s, b);
	else if (col == COL_ELAPSED || col == COL_CPU)
		row_put_seconds(b, s);
	else if (col == COL_RSS)
		row_put_memory(b, s);
	else
		buf_str(b, s);
	if (col == COL_DONE)
		put_bar(r, s, b);
	buf_free(&raw);
}
