/* view: runs, tasks and missed slots, as tables for people or as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "text.h"
#include "view.h"

static const char *const run_head[] = {
	"ID", "STATE", ">DONE", "START", ">TIME", "CAUSE", "TASKS", NULL,
};
static const char *const task_head[] = {
	"ID", "STATE", ">ATTEMPT", ">EXIT", "START", ">TIME", ">CPU", ">MEM",
	"NOTE", NULL,
};
static const char *const missed_head[] = {
	"ID", "STATE", "TIME", ">SLOTS", "REASON", NULL,
};
static const char *const why_head[] = { "ID", "STATE", "WHY", NULL };

void
view_begin(struct view *v, bool json)
{
	*v = (struct view){ .json = json, .now = clock_seconds() };
	table_begin(&v->runs, run_head);
	table_begin(&v->tasks, task_head);
	table_begin(&v->missed, missed_head);
	table_begin(&v->whys, why_head);
}

double
view_seconds(const char *from, const char *to)
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
view_instant(char out[INSTANT_LEN], const char *s)
{
	const char *dot = strchr(s, '.'), *rest;

	rest = dot ? dot + 1 + strspn(dot + 1, "0123456789") : "";
	snprintf(out, INSTANT_LEN, "%.*s%s", dot ? (int)(dot - s) :
	    INSTANT_LEN - 1, s, rest);
}

/* 0.012s, 12.3s, 1h2m */
static void
put_seconds(struct table *t, double s)
{
	struct buf b = BUF_INIT;

	if (s >= 60 && s < 1e11)
		dur_format(&b, (int64_t)s);
	else if (s >= 0 && s < 60)
		buf_fmt(&b, s < 10 ? "%.3fs" : "%.1fs", s);
	table_cell(t, buf_cstr(&b));
	buf_free(&b);
}

/* KiB, as 2.3M */
static void
put_memory(struct table *t, const char *kib)
{
	static const char unit[] = "KMGT";
	double n = strtod(kib, NULL);
	char text[32] = "";
	size_t u = 0;

	for (; n >= 1000 && unit[u + 1]; u++)
		n /= 1024;
	if (*kib)
		snprintf(text, sizeof text, n < 10 && u ? "%.1f%c" : "%.0f%c",
		    n, unit[u]);
	table_cell(t, text);
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

	buf_fmt(&v->out, "%s{\"kind\":\"%s\"", v->n ? ",\n" : "[\n", kind);
	id_text(&b, id);
	text_json_str(&v->out, "id", buf_cstr(&b));
	text_json_str(&v->out, "dag", id->dag);
	text_json_str(&v->out, "run", id->run);
	text_json_str(&v->out, "task", id->task);
	text_json_str(&v->out, "state", state);
	buf_free(&b);
}

static void
run_time(const struct view *v, const struct view_run *r, double *seconds)
{
	char now[INSTANT_LEN];

	instant_format(now, v->now, 0);
	*seconds = -1;
	if (r->start[0] && (r->end[0] || r->state == RUN_ACTIVE))
		*seconds = view_seconds(r->start, r->end[0] ? r->end : now);
	/* now is in whole seconds */
	if (*seconds < 0 && *seconds > -1 && !r->end[0] && r->start[0])
		*seconds = 0;
}

static void
json_run(struct view *v, const struct view_run *r, double seconds)
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
	buf_ch(&v->out, '}');
}

/* "2 failed, 1 held": what there is beside success and waiting */
static void
put_counts(struct table *t, const struct view_run *r)
{
	static const enum state told[] = {
		STATE_FAILED, STATE_UPSTREAM_FAILED, STATE_HELD, STATE_RUNNING,
		STATE_READY, STATE_WAITING, STATE_SKIPPED,
	};
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		if (r->count[told[i]])
			buf_fmt(&b, "%s%u %s", b.n ? ", " : "",
			    r->count[told[i]], state_name(told[i]));
	table_cell(t, buf_cstr(&b));
	buf_free(&b);
}

void
view_run(struct view *v, const struct view_run *r)
{
	char text[INSTANT_LEN] = "";
	unsigned done = 0;
	double seconds;

	run_time(v, r, &seconds);
	if (v->json)
		json_run(v, r, seconds);
	v->n++;
	if (v->json)
		return;
	for (int s = 0; s < STATES; s++)
		if (state_ended((enum state)s))
			done += r->count[s];
	put_id(&v->runs, r->id);
	table_cell(&v->runs, run_state_name(r->state));
	if (r->counted)
		snprintf(text, sizeof text, "%u/%u", done, r->tasks);
	table_cell(&v->runs, text);
	view_instant(text, r->start);
	table_cell(&v->runs, text);
	put_seconds(&v->runs, seconds);
	table_cell(&v->runs, r->cause);
	put_counts(&v->runs, r);
}

static void
json_task(struct view *v, const struct id *id, struct instance in,
    const struct marker_sum *s)
{
	json_begin(v, "task", id, state_name(in.state));
	buf_fmt(&v->out, ",\"archived\":%s", id->archived ? "true" : "false");
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
	text_json_str(&v->out, "reason", s->reason);
	text_json_str(&v->out, "note", s->note);
	buf_ch(&v->out, '}');
}

/* how long it took; or takes, if it runs */
static double
task_time(const struct view *v, struct instance in, const struct marker_sum *s)
{
	char now[INSTANT_LEN];
	double seconds;

	if (s->wall[0])
		return strtod(s->wall, NULL);
	if (in.state != STATE_RUNNING || !s->start[0])
		return -1;
	instant_format(now, v->now, 0);
	seconds = view_seconds(s->start, now);
	return seconds < 0 && seconds > -1 ? 0 : seconds;
}

void
view_task(struct view *v, const struct id *id, struct instance in,
    const struct marker_sum *s)
{
	struct table *t = &v->tasks;
	struct buf b = BUF_INIT;
	char text[INSTANT_LEN];

	if (v->json)
		json_task(v, id, in, s);
	v->n++;
	if (v->json)
		return;
	put_id(t, id);
	table_cell(t, state_name(in.state));
	snprintf(text, sizeof text, "%u", in.attempt ? in.attempt :
	    s->attempt);
	table_cell(t, in.attempt || s->attempt ? text : "");
	table_cell(t, s->signal[0] ? s->signal : s->exit);
	view_instant(text, s->start);
	table_cell(t, text);
	put_seconds(t, task_time(v, in, s));
	put_seconds(t, s->user[0] || s->sys[0] ? strtod(s->user, NULL) +
	    strtod(s->sys, NULL) : -1);
	put_memory(t, s->rss);
	buf_fmt(&b, "%s%s%s", s->reason, s->reason[0] && s->note[0] ? "; " :
	    "", s->note);
	table_cell(t, buf_cstr(&b));
	buf_free(&b);
}

void
view_missed(struct view *v, const struct view_missed *m)
{
	struct table *t = &v->missed;
	struct id id = {0};
	struct buf b = BUF_INIT;

	snprintf(id.dag, sizeof id.dag, "%s", m->dag);
	snprintf(id.run, sizeof id.run, "%s", m->run);
	if (v->json) {
		json_begin(v, "missed", &id, "missed");
		text_json_str(&v->out, "time", m->time);
		text_json_str(&v->out, "to", m->to);
		text_json_num(&v->out, "count", m->count);
		text_json_str(&v->out, "reason", m->reason);
		buf_ch(&v->out, '}');
	}
	v->n++;
	if (v->json)
		return;
	put_id(t, &id);
	table_cell(t, "missed");
	buf_fmt(&b, "%s%s%s", m->time, *m->to ? ".." : "", m->to);
	table_cell(t, buf_cstr(&b));
	table_cell(t, *m->count ? m->count : "1");
	table_cell(t, m->reason);
	buf_free(&b);
}

void
view_why(struct view *v, const struct id *id, const char *state,
    const char *text)
{
	if (v->json) {
		json_begin(v, "why", id, state);
		text_json_str(&v->out, "why", text);
		buf_ch(&v->out, '}');
	} else {
		put_id(&v->whys, id);
		table_cell(&v->whys, state);
		table_cell(&v->whys, text);
	}
	v->n++;
}

static void
end_json(struct view *v, struct buf *out)
{
	buf_str(out, v->n ? "" : "[");
	buf_add(out, v->out.p, v->out.n);
	buf_str(out, v->n ? "\n]\n" : "]\n");
	if (v->out.err)
		out->err = v->out.err;
}

void
view_end(struct view *v, enum view_kind empty, struct buf *out)
{
	struct table *t[VIEW_KINDS] = {
		[VIEW_RUNS] = &v->runs, [VIEW_TASKS] = &v->tasks,
		[VIEW_MISSED] = &v->missed, [VIEW_WHYS] = &v->whys,
	};

	if (v->json)
		end_json(v, out);
	for (int k = 0; k < VIEW_KINDS; k++) {
		if (!v->json && (t[k]->cells > 0 ||
		    (v->n == 0 && k == (int)empty)))
			table_end(t[k], !v->bare, out);
		buf_free(&t[k]->text);
	}
	buf_free(&v->out);
}
