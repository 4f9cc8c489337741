/* story: what happened to a task: its attempts, and what operators did. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hist.h"
#include "story.h"

/* an attempt that is being read */
struct teller {
	struct view *view;
	struct id id;
	struct view_event e;
	bool open;		/* it has begun */
	unsigned looks;
};

static void
tell(struct teller *t, const char *what)
{
	snprintf(t->e.what, sizeof t->e.what, "%s", what);
	view_event(t->view, &t->id, &t->e);
	t->e = (struct view_event){0};
	t->open = false;
}

static void
started(struct teller *t, const struct marker_line *l)
{
	if (!t->looks || !t->open)
		snprintf(t->e.when, sizeof t->e.when, "%s", l->when);
	t->open = true;
	marker_field(l, "attempt", t->e.attempt, sizeof t->e.attempt);
	marker_field(l, "cause", t->e.note, sizeof t->e.note);
	marker_field(l, "host", t->e.host, sizeof t->e.host);
	marker_field(l, "pid", t->e.pid, sizeof t->e.pid);
}

static void
put_looks(struct teller *t)
{
	size_t n = strlen(t->e.note);

	if (t->looks)
		snprintf(t->e.note + n, sizeof t->e.note - n,
		    "%safter %u look%s", n ? "; " : "", t->looks,
		    t->looks == 1 ? "" : "s");
	t->looks = 0;
}

static void
ended(struct teller *t, const struct marker_line *l)
{
	char state[24], reason[64];

	if (strcmp(l->event, "lost") == 0)
		snprintf(state, sizeof state, "lost");
	else
		marker_field(l, "state", state, sizeof state);
	marker_field(l, "attempt", t->e.attempt, sizeof t->e.attempt);
	if (!marker_field(l, "signal", t->e.exit, sizeof t->e.exit))
		marker_field(l, "exit", t->e.exit, sizeof t->e.exit);
	marker_field(l, "wall", t->e.wall, sizeof t->e.wall);
	marker_field(l, "rss", t->e.rss, sizeof t->e.rss);
	if (marker_field(l, "reason", reason, sizeof reason))
		memcpy(t->e.note, reason, sizeof reason);
	snprintf(t->e.end, sizeof t->e.end, "%s", l->when);
	put_looks(t);
	tell(t, state);
}

/* what somebody did: who, and why */
static void
by_hand(struct teller *t, const struct marker_line *l)
{
	struct view_event attempt = t->e;
	char what[48], more[24];
	bool open = t->open;

	t->e = (struct view_event){0};
	snprintf(t->e.when, sizeof t->e.when, "%s", l->when);
	marker_field(l, "user", t->e.user, sizeof t->e.user);
	if (!marker_field(l, "note", t->e.note, sizeof t->e.note))
		marker_field(l, "run", t->e.note, sizeof t->e.note);
	marker_field(l, "params", t->e.params, sizeof t->e.params);
	if (marker_field(l, "state", more, sizeof more) ||
	    marker_field(l, "definition", more, sizeof more))
		snprintf(what, sizeof what, "%.16s %.24s", l->event, more);
	else
		snprintf(what, sizeof what, "%.16s", l->event);
	tell(t, what);
	t->e = attempt;
	t->open = open;
}

static void
tell_task(struct look *l, uint32_t task, struct view *v)
{
	struct teller t = { .view = v, .id = l->id };
	struct buf b = BUF_INIT;
	struct marker_line line;
	char *text;

	plan_name(l->plan, task, t.id.task);
	look_text(l, task, &b);
	text = buf_cstr(&b);
	while (marker_next(&text, &line)) {
		if (strcmp(line.event, "start") == 0)
			started(&t, &line);
		else if (strcmp(line.event, "poke") == 0)
			t.looks++;
		else if (strcmp(line.event, "end") == 0 ||
		    strcmp(line.event, "lost") == 0)
			ended(&t, &line);
		else if (strcmp(line.event, "retry") != 0 &&
		    strcmp(line.event, "ready") != 0 &&
		    strcmp(line.event, "stage") != 0 &&
		    strcmp(line.event, "lend") != 0 &&
		    strcmp(line.event, "publish") != 0)
			by_hand(&t, &line);
	}
	if (t.open) {
		bool looks = t.looks;

		put_looks(&t);
		tell(&t, looks ? "not yet" : "running");
	}
	buf_free(&b);
}

/* the run's records, as they were written last */
struct past {
	const struct id *id;
	struct buf text;
	bool whole;		/* behind them the run's own line came */
};

static int
gather(const struct rec *r, void *arg)
{
	struct past *p = arg;
	const char *run = strchr(r->id, '/');
	size_t n = strlen(p->id->run);

	if (!run++ || strncmp(run, p->id->run, n) != 0 ||
	    (run[n] && run[n] != '/'))
		return 0;
	if (strcmp(r->kind, "instance") == 0) {
		if (p->whole)
			buf_reset(&p->text);
		p->whole = false;
		buf_add(&p->text, r->raw, r->rawlen);
		buf_ch(&p->text, '\n');
	} else if (strcmp(r->kind, "run") == 0)
		p->whole = true;
	return 0;
}

static void
copy(char *out, size_t n, const struct rec *r, const char *key)
{
	const char *v = rec_get(r, key);

	snprintf(out, n, "%s", v ? v : "");
}

static void
tell_record(struct view *v, const struct id *id, const struct rec *r)
{
	struct view_event e = {0};
	struct id task = *id;

	snprintf(task.task, sizeof task.task, "%s", strrchr(r->id, '/') + 1);
	if (id->task[0] && strcmp(id->task, task.task) != 0)
		return;
	copy(e.what, sizeof e.what, r, "state");
	copy(e.when, sizeof e.when, r, "start");
	copy(e.end, sizeof e.end, r, "end");
	copy(e.attempt, sizeof e.attempt, r, "attempt");
	copy(e.exit, sizeof e.exit, r, rec_get(r, "signal") ? "signal" :
	    "exit");
	copy(e.wall, sizeof e.wall, r, "wall");
	copy(e.rss, sizeof e.rss, r, "rss");
	copy(e.host, sizeof e.host, r, "host");
	copy(e.note, sizeof e.note, r, "reason");
	view_event(v, &task, &e);
}

static int
tell_past(struct spool *sp, const struct id *id, struct view *v,
    struct buf *why)
{
	struct past p = { .id = id };
	struct rec r = {0};
	size_t before = v->n;
	int x = hist_each(sp, id->dag, gather, &p);
	char *line, *end;

	for (line = buf_cstr(&p.text); x == 0 && (end = strchr(line, '\n'));
	    line = end + 1)
		if (rec_parse(&r, line, (size_t)(end - line)) == REC_OK)
			tell_record(v, id, &r);
	rec_free(&r);
	buf_free(&p.text);
	if (x < 0 || v->n > before)
		return x;
	buf_reset(why);
	buf_str(why, "neither the spool nor its history has it");
	errno = ENOENT;
	return -1;
}

void
story_look(struct look *l, struct view *v)
{
	for (uint32_t t = 0; t < l->plan->n; t++)
		tell_task(l, t, v);
}

int
story_run(struct spool *sp, const struct id *id, struct view *v,
    struct buf *why)
{
	struct look l;
	int64_t only = -1;

	if (look_open(sp, id, &l, why) < 0)
		return errno == ENOENT ? tell_past(sp, id, v, why) : -1;
	if (id->task[0])
		only = plan_find(l.plan, id->task, strlen(id->task));
	for (uint32_t t = 0; t < l.plan->n; t++)
		if (!id->task[0] || t == only)
			tell_task(&l, t, v);
	look_close(&l);
	return 0;
}
