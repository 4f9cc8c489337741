/* list: goes through runs and tasks and puts them into a view. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "glance.h"
#include "hist.h"
#include "list.h"
#include "look.h"
#include "past.h"
#include "planmap.h"

/* tells what could not be read; -1 if nothing else can be read either */
static int
fault(struct list *l, const struct id *id, struct buf *why)
{
	struct buf name = BUF_INIT;
	int e = errno;

	if (e == ENOMEM || e == EMFILE || e == ENFILE)
		return -1;
	id_text(&name, id);
	l->faults++;
	l->fault(buf_cstr(&name), why->n ? buf_cstr(why) :
	    strerror(e));
	buf_free(&name);
	return 0;
}

static void
set_id(struct id *id, const char *dag, const struct run_entry *e)
{
	*id = (struct id){ .archived = e->archived };
	snprintf(id->dag, sizeof id->dag, "%s", dag);
	snprintf(id->run, sizeof id->run, "%s", e->name);
}

/* since when a run is active: its rename into @active changed the ctime */
static void
active_since(const struct look *l, char start[INSTANT_LEN])
{
	struct stat st;

	if (fstatat(l->run.fd, "@active", &st, AT_SYMLINK_NOFOLLOW) == 0)
		instant_format_ms(start, st.st_ctim);
}

static void
cause_of(struct look *l, char cause[24])
{
	struct buf b = BUF_INIT;
	struct rec r = {0};
	const char *v;

	if (look_record(l, &b) == 0 && b.n &&
	    rec_parse(&r, b.p, strcspn(buf_cstr(&b), "\n")) == REC_OK &&
	    (v = rec_get(&r, "cause")))
		snprintf(cause, 24, "%s", v);
	rec_free(&r);
	buf_free(&b);
}

/* from history: how it ended, for runs that have ended */
static void
add_past(struct row_run *v, const struct past_run *p)
{
	memcpy(v->start, p->start, sizeof v->start);
	memcpy(v->end, p->end, sizeof v->end);
	memcpy(v->cause, p->cause, sizeof v->cause);
	if (v->state != RUN_NONE)
		return;
	v->state = p->state;
	memcpy(v->count, p->count, sizeof v->count);
	v->tasks = p->tasks;
	v->counted = true;
}

static int
add_look(struct list *l, struct row_run *v, const struct past_run *p)
{
	struct buf why = BUF_INIT;
	struct look look;
	struct glance g;
	int x = 0;

	if (look_open(l->spool, v->id, &look, &why) < 0) {
		/* archived and deleted, or damaged */
		x = errno == ENOENT && why.n == 0 ? 1 :
		    fault(l, v->id, &why);
		if (x == 0 && !v->id->archived) {
			glance(l->spool, v->id->dag, v->id->run, &g);
			v->state = g.state;
		}
		buf_free(&why);
		return x;
	}
	v->state = look.state;
	v->counted = true;
	v->tasks = look.plan->n;
	for (uint32_t t = 0; t < look.plan->n; t++)
		if (look.inst[t].state >= 0)
			v->count[look.inst[t].state]++;
	if (p && (v->state == RUN_SUCCESS || v->state == RUN_FAILED))
		add_past(v, p);
	else if (v->state == RUN_ACTIVE)
		active_since(&look, v->start);
	if (!v->cause[0])
		cause_of(&look, v->cause);
	look_close(&look);
	buf_free(&why);
	return 0;
}

/* a run that has ended, as names and history say it; false: look closer */
static bool
add_glance(struct list *l, struct row_run *v, const struct past_run *p)
{
	struct glance g;

	if (!p || !glance(l->spool, v->id->dag, v->id->run, &g) ||
	    g.state == RUN_WAITING || g.tasks != p->tasks)
		return false;
	v->state = g.state;
	memcpy(v->count, g.count, sizeof v->count);
	v->tasks = g.tasks;
	v->counted = true;
	add_past(v, p);
	return true;
}

static int
add_run(struct list *l, const char *dag, const struct run_entry *e,
    const struct past *past)
{
	const struct past_run *p = past_find(past, e->name);
	struct row_run v = { .state = RUN_NONE };
	struct id id;
	int x = 0;

	set_id(&id, dag, e);
	v.id = &id;
	if (e->archived && p)
		add_past(&v, p);
	else if (e->archived || !add_glance(l, &v, p))
		x = add_look(l, &v, p);
	if (x == 0 && filter_row(&l->filter, &(struct row){ .run = &v,
	    .now = l->view->now }))
		view_run(l->view, &v);
	return x < 0 ? -1 : 0;
}

/* the runs of a DAG; what is no directory there is not ours: none */
static int
runs_of(struct list *l, const char *dag, bool archived,
    struct run_entry **list, size_t *n)
{
	struct id id = {0};
	struct buf why = BUF_INIT;

	if (spool_runs(l->spool, dag, archived, list, n) == 0)
		return 0;
	snprintf(id.dag, sizeof id.dag, "%s", dag);
	*list = NULL;
	*n = 0;
	return fault(l, &id, &why);
}

int
list_runs(struct list *l, const char *dag, bool archived)
{
	struct run_entry *list;
	struct past past;
	size_t n;
	int x = 0, damaged = 0;

	if (runs_of(l, dag, archived, &list, &n) < 0)
		return -1;
	/* its runs are there, whatever became of its history */
	if (past_load(l->spool, dag, &past) < 0) {
		damaged = errno;
		x = run_damaged(damaged) ? 0 : -1;
	}
	for (size_t i = 0; i < n && x == 0; i++)
		x = add_run(l, dag, &list[i], &past);
	past_free(&past);
	free(list);
	errno = damaged ? damaged : errno;
	return damaged ? -1 : x;
}

static void
add_task(struct list *l, struct look *look, uint32_t t)
{
	struct marker_sum sum;
	struct id id = look->id;
	struct row_task row = { &id, look->inst[t], &sum,
	    look->plan, t };

	plan_name(look->plan, t, id.task);
	look_marker(look, t, &sum);
	if (filter_row(&l->filter, &(struct row){ .task = &row,
	    .now = l->view->now }))
		view_task(l->view, &row);
}

/* the task of an ID, or all of them */
static int
add_tasks(struct list *l, struct look *look, const struct id *id)
{
	int64_t only = -1;
	uint32_t *order;
	int x;

	if (id->task[0]) {
		only = plan_find(look->plan, id->task, strlen(id->task));
		if (only >= 0 && filter_state(&l->filter,
		    look->inst[only].state))
			add_task(l, look, (uint32_t)only);
		return 0;
	}
	order = planmap_order(look->plan);
	for (uint32_t i = 0; order && i < look->plan->n; i++)
		if (filter_state(&l->filter, look->inst[order[i]].state))
			add_task(l, look, order[i]);
	x = order ? 0 : -1;
	free(order);
	return x;
}

/*
 * The tasks of n IDs of one run; of those only whose markers are among names,
 * unless that is NULL.
 */
static int
tasks_of(struct list *l, const struct id *id, size_t n,
    const struct buf *names)
{
	struct buf why = BUF_INIT;
	struct look look;
	int x = 0, e;

	/* one that was archived meanwhile is found there */
	if ((!names || look_named(l->spool, id, names->p, names->n, &look,
	    &why) < 0) && look_open(l->spool, id, &look, &why) < 0) {
		e = errno;
		for (size_t i = 0; i < n && x == 0; i++) {
			errno = e;
			x = fault(l, &id[i], &why);
		}
		buf_free(&why);
		return x;
	}
	for (size_t i = 0; i < n && x == 0; i++)
		x = add_tasks(l, &look, &id[i]);
	look_close(&look);
	buf_free(&why);
	return x;
}

int
list_tasks(struct list *l, const struct id *id, size_t n)
{
	return tasks_of(l, id, n, NULL);
}

/* the tasks of a run; names is room for what is seen */
static int
add_tasks_of(struct list *l, const char *dag, const struct run_entry *e,
    struct buf *names)
{
	unsigned states = l->filter.states;
	struct glance g;
	struct id id;
	bool seen;

	buf_reset(names);
	seen = states && !e->archived &&
	    glance_names(l->spool, dag, e->name, &g, states, names);
	if (seen && names->n == 0)
		return 0;
	set_id(&id, dag, e);
	return tasks_of(l, &id, 1, seen ? names : NULL);
}

int
list_dag_tasks(struct list *l, const char *dag, bool archived)
{
	struct buf names = BUF_INIT;
	struct run_entry *list;
	size_t n;
	int x = 0;

	if (runs_of(l, dag, archived, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n && x == 0; i++)
		x = add_tasks_of(l, dag, &list[i], &names);
	buf_free(&names);
	free(list);
	return x;
}

static int
add_missed(const struct rec *r, void *arg)
{
	struct list *l = arg;
	const char *slash = strchr(r->id, '/'), *v;
	struct view_missed m = { "", "", "", "", "", "" };
	char dag[NAME_LEN + 1];

	if (strcmp(r->kind, "missed") != 0 || !slash ||
	    slash - r->id > NAME_LEN)
		return 0;
	snprintf(dag, sizeof dag, "%.*s", (int)(slash - r->id), r->id);
	m.dag = dag;
	m.run = slash + 1;
	if ((v = rec_get(r, "time")))
		m.time = v;
	if ((v = rec_get(r, "to")))
		m.to = v;
	if ((v = rec_get(r, "count")))
		m.count = v;
	if ((v = rec_get(r, "reason")))
		m.reason = v;
	view_missed(l->view, &m);
	return 0;
}

int
list_missed(struct list *l, const char *dag)
{
	return hist_each(l->spool, dag, add_missed, l);
}
