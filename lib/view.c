/* view: runs, tasks and missed slots, as tables for people or as JSON. */
#include <stdio.h>
#include <string.h>

#include "planmap.h"
#include "rec.h"
#include "sign.h"
#include "text.h"
#include "view.h"

static const char *const usual[] = {
	[VIEW_RUNS] = "id state done start elapsed cause tasks",
	[VIEW_TASKS] = "id state attempt exit start elapsed cpu rss note",
};
/* where a terminal is narrow */
static const char *const narrow[] = {
	[VIEW_RUNS] = "id state done start elapsed tasks",
	[VIEW_TASKS] = "id state start elapsed exit note",
};
static const char *const missed_head[] = {
	"ID", "STATE", "TIME", ">SLOTS", "REASON", NULL,
};
static const char *const why_head[] = { "ID", "STATE", "WHY", NULL };
static const char *const event_head[] = {
	"ID", "WHAT", ">ATTEMPT", ">EXIT", "WHEN", ">TIME", ">MEM", "HOST",
	"BY", "NOTE", NULL,
};
static const char *const diff_head[] = {
	"ID", "WHAT", "FIRST", "SECOND", NULL,
};

/* the columns of a kind's table: those chosen, or the usual ones */
static size_t
columns(const struct view *v, enum view_kind k, int col[TABLE_COLS])
{
	const struct term *term = v->style.term;
	bool cramped = term && term->tty && term->cols < TERM_WIDE;
	const char *p = cramped ? narrow[k] : usual[k];
	size_t n = 0, len;

	if (v->style.cols) {
		memcpy(col, v->style.col, sizeof v->style.col);
		return v->style.cols;
	}
	for (; *p; p += len + (p[len] == ' ')) {
		len = strcspn(p, " ");
		col[n++] = row_find(p, len);
	}
	return n;
}

void
view_begin(struct view *v, const struct view_style *style)
{
	int col[TABLE_COLS];
	size_t n;

	*v = (struct view){ .style = *style, .now = clock_seconds() };
	for (enum view_kind k = VIEW_RUNS; k <= VIEW_TASKS; k++) {
		n = columns(v, k, col);
		for (size_t i = 0; i < n; i++)
			v->head[k][i] = row_cols[col[i]].head;
		table_begin(&v->table[k], v->head[k]);
	}
	table_begin(&v->table[VIEW_MISSED], missed_head);
	table_begin(&v->table[VIEW_WHYS], why_head);
	table_begin(&v->table[VIEW_EVENTS], event_head);
	table_begin(&v->table[VIEW_DIFFS], diff_head);
	for (int k = 0; k < VIEW_KINDS; k++)
		v->table[k].term = style->term;
	/* what is told in words is told to its end */
	for (enum view_kind k = VIEW_RUNS; k <= VIEW_TASKS; k++)
		v->table[k].cut = style->term && style->term->tty;
}

static void
put_id(struct table *t, const struct id *id)
{
	struct buf b = BUF_INIT;

	id_text(&b, id);
	table_cell(t, buf_cstr(&b));
	buf_free(&b);
}

/* opens an object; the members that all of them have */
static void
json_begin(struct view *v, const char *kind, const struct id *id,
    const char *state)
{
	struct buf b = BUF_INIT;

	buf_fmt(&v->out, "{\"kind\":\"%s\"", kind);
	id_text(&b, id);
	text_json_str(&v->out, "id", buf_cstr(&b));
	text_json_str(&v->out, "dag", id->dag);
	text_json_str(&v->out, "run", id->run);
	text_json_str(&v->out, "task", id->task);
	text_json_str(&v->out, "state", state);
	buf_free(&b);
}

static void
json_end(struct view *v)
{
	buf_str(&v->out, "},\n");
}

static void
json_run(struct view *v, const struct row_run *r, double seconds)
{
	const char *comma = "";

	json_begin(v, "run", r->id, run_state_name(r->state));
	buf_fmt(&v->out, ",\"archived\":%s", r->id->archived ? "true" :
	    "false");
	if (r->counted) {
		buf_fmt(&v->out, ",\"tasks\":%u,\"states\":{", r->tasks);
		for (int s = 0; s < STATES; s++)
			if (r->count[s]) {
				buf_fmt(&v->out, "%s\"%s\":%u", comma,
				    state_name((enum state)s), r->count[s]);
				comma = ",";
			}
		buf_ch(&v->out, '}');
	}
	text_json_str(&v->out, "cause", r->cause);
	text_json_str(&v->out, "start", r->start);
	text_json_str(&v->out, "end", r->end);
	if (seconds >= 0)
		buf_fmt(&v->out, ",\"seconds\":%.3f", seconds);
	json_end(v);
}

/* what an instance of a mapped task is one of */
static void
json_items(struct view *v, const struct row_task *t)
{
	struct buf b = BUF_INIT;
	const char *item;

	for (unsigned k = 0; (item = planmap_item(t->plan, t->number, k, &b));
	    k++) {
		buf_str(&v->out, k ? "," : ",\"items\":[");
		text_json(&v->out, item, strlen(item));
	}
	if (planmap_instance(t->plan, t->number))
		buf_ch(&v->out, ']');
	buf_free(&b);
}

static void
json_task(struct view *v, const struct row_task *t)
{
	const struct marker_sum *s = t->sum;

	json_begin(v, "task", t->id, state_name(t->in.state));
	buf_fmt(&v->out, ",\"archived\":%s", t->id->archived ? "true" :
	    "false");
	json_items(v, t);
	if (s->attempt)
		buf_fmt(&v->out, ",\"attempt\":%u", s->attempt);
	text_json_num(&v->out, "exit", s->exit);
	text_json_str(&v->out, "signal", s->signal);
	text_json_str(&v->out, "start", s->start);
	text_json_str(&v->out, "end", s->end);
	text_json_num(&v->out, "wall", s->wall);
	text_json_num(&v->out, "user", s->user);
	text_json_num(&v->out, "sys", s->sys);
	text_json_num(&v->out, "rss", s->rss);
	text_json_str(&v->out, "host", s->host);
	text_json_num(&v->out, "pid", s->pid);
	text_json_str(&v->out, "batch", s->batch);
	text_json_str(&v->out, "child", s->child);
	text_json_str(&v->out, "reason", s->reason);
	text_json_str(&v->out, "note", s->note);
	json_end(v);
}

static void
put_tsv(struct view *v, const struct row *r, const int *col, size_t n)
{
	struct buf cell = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		buf_reset(&cell);
		row_raw(r, col[i], &cell);
		buf_str(&v->out, i ? "\t" : "");
		rec_escape(&v->out, cell.p, cell.n);
	}
	buf_ch(&v->out, '\n');
	buf_free(&cell);
}

/* where the next piece of a kind's text begins, and by what it is sorted */
static void
put_key(struct view *v, enum view_kind k, const struct row *r)
{
	bool apart = !v->style.json && !v->style.tsv;
	struct buf key = BUF_INIT;

	if (!v->style.sort)
		return;
	row_raw(r, v->style.by, &key);
	order_add(&v->order[apart ? k : 0], apart ? v->table[k].text.n :
	    v->out.n, buf_cstr(&key), row_cols[v->style.by].head[0] == '>');
	buf_free(&key);
}

static void
put_row(struct view *v, enum view_kind k, const struct row *r)
{
	struct buf cell = BUF_INIT;
	int col[TABLE_COLS];
	size_t n;

	v->n++;
	if (v->style.count)
		return;
	put_key(v, k, r);
	n = columns(v, k, col);
	if (v->style.json && r->run)
		json_run(v, r->run, row_elapsed(r));
	else if (v->style.json)
		json_task(v, r->task);
	else if (v->style.tsv)
		put_tsv(v, r, col, n);
	else
		for (size_t i = 0; i < n; i++) {
			buf_reset(&cell);
			row_shown(r, col[i], &cell);
			table_hued(&v->table[k], row_hue(r, col[i]),
			    buf_cstr(&cell));
		}
	buf_free(&cell);
}

void
view_run(struct view *v, const struct row_run *run)
{
	put_row(v, VIEW_RUNS, &(struct row){ .run = run, .now = v->now,
	    .term = v->style.term });
}

void
view_task(struct view *v, const struct row_task *task)
{
	put_row(v, VIEW_TASKS, &(struct row){ .task = task, .now = v->now,
	    .term = v->style.term });
}

void
view_missed(struct view *v, const struct view_missed *m)
{
	struct table *t = &v->table[VIEW_MISSED];
	struct id id = {0};
	struct buf b = BUF_INIT;

	v->n++;
	if (v->style.count)
		return;
	snprintf(id.dag, sizeof id.dag, "%s", m->dag);
	snprintf(id.run, sizeof id.run, "%s", m->run);
	if (v->style.json) {
		json_begin(v, "missed", &id, "missed");
		text_json_str(&v->out, "time", m->time);
		text_json_str(&v->out, "to", m->to);
		text_json_num(&v->out, "count", m->count);
		text_json_str(&v->out, "reason", m->reason);
		json_end(v);
	} else {
		put_id(t, &id);
		table_hued(t, HUE_HELD, "missed");
		buf_fmt(&b, "%s%s%s", m->time, *m->to ? ".." : "", m->to);
		table_cell(t, buf_cstr(&b));
		table_cell(t, *m->count ? m->count : "1");
		table_cell(t, m->reason);
	}
	buf_free(&b);
}

void
view_why(struct view *v, const struct id *id, const char *state,
    const char *text)
{
	struct table *t = &v->table[VIEW_WHYS];

	v->n++;
	if (v->style.count)
		return;
	if (v->style.json) {
		json_begin(v, "why", id, state);
		text_json_str(&v->out, "why", text);
		json_end(v);
	} else {
		put_id(t, id);
		table_hued(t, sign_named(state), state);
		table_cell(t, text);
	}
}

static void
json_event(struct view *v, const struct id *id, const struct view_event *e)
{
	json_begin(v, "event", id, "");
	text_json_str(&v->out, "what", e->what);
	text_json_num(&v->out, "attempt", e->attempt);
	text_json_str(&v->out, "exit", e->exit);
	text_json_str(&v->out, "when", e->when);
	text_json_str(&v->out, "end", e->end);
	text_json_num(&v->out, "wall", e->wall);
	text_json_num(&v->out, "rss", e->rss);
	text_json_str(&v->out, "host", e->host);
	text_json_num(&v->out, "pid", e->pid);
	text_json_str(&v->out, "user", e->user);
	text_json_str(&v->out, "params", e->params);
	text_json_str(&v->out, "note", e->note);
	json_end(v);
}

void
view_event(struct view *v, const struct id *id, const struct view_event *e)
{
	struct table *t = &v->table[VIEW_EVENTS];
	struct buf b = BUF_INIT;
	char when[INSTANT_LEN];

	v->n++;
	if (v->style.json)
		json_event(v, id, e);
	if (v->style.json || v->style.count)
		return;
	put_id(t, id);
	table_hued(t, sign_named(e->what), e->what);
	table_cell(t, e->attempt);
	table_cell(t, e->exit);
	row_instant(when, e->when);
	table_cell(t, when);
	row_put_seconds(&b, e->wall);
	table_cell(t, buf_cstr(&b));
	buf_reset(&b);
	row_put_memory(&b, e->rss);
	table_cell(t, buf_cstr(&b));
	table_cell(t, e->host);
	table_cell(t, e->user);
	buf_reset(&b);
	buf_fmt(&b, "%s%s%s", e->note, e->note[0] && e->params[0] ? "; " : "",
	    e->params);
	table_cell(t, buf_cstr(&b));
	buf_free(&b);
}

void
view_diff(struct view *v, const struct id *id, const char *what,
    const char *first, const char *second)
{
	struct table *t = &v->table[VIEW_DIFFS];

	v->n++;
	if (v->style.count)
		return;
	if (v->style.json) {
		json_begin(v, "diff", id, "");
		text_json_str(&v->out, "what", what);
		text_json_str(&v->out, "first", first);
		text_json_str(&v->out, "second", second);
		json_end(v);
	} else {
		put_id(t, id);
		table_cell(t, what);
		table_cell(t, first);
		table_cell(t, second);
	}
}

/* the heads of a TSV: the names of the columns */
static void
tsv_head(const struct view *v, enum view_kind k, struct buf *out)
{
	int col[TABLE_COLS];
	size_t n = columns(v, k, col);

	for (size_t i = 0; i < n; i++)
		buf_fmt(out, "%s%s", i ? "\t" : "# ", row_cols[col[i]].name);
	buf_ch(out, '\n');
}

static void
end_text(struct view *v, enum view_kind empty, struct buf *out)
{
	if (v->style.json)
		buf_str(out, v->n ? "[\n" : "[");
	else if (!v->style.bare)
		tsv_head(v, empty, out);
	order_apply(&v->order[0], v->style.reverse, &v->out);
	/* no comma behind the last object */
	buf_add(out, v->out.p, v->out.n - (v->style.json && v->n ? 2 : 0));
	if (v->style.json)
		buf_str(out, v->n ? "\n]\n" : "]\n");
	if (v->out.err)
		out->err = v->out.err;
}

void
view_end(struct view *v, enum view_kind empty, struct buf *out)
{
	bool text = v->style.json ||
	    (v->style.tsv && (empty == VIEW_RUNS || empty == VIEW_TASKS));

	if (v->style.count)
		buf_fmt(out, "%zu\n", v->n);
	else if (text)
		end_text(v, empty, out);
	for (int k = 0; k < VIEW_KINDS; k++) {
		if (!v->style.count && !text && (v->table[k].cells > 0 ||
		    (v->n == 0 && k == (int)empty))) {
			order_apply(&v->order[k], v->style.reverse,
			    &v->table[k].text);
			table_end(&v->table[k], !v->style.bare, out);
		}
		buf_free(&v->table[k].text);
		order_free(&v->order[k]);
	}
	buf_free(&v->out);
}
