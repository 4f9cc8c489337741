/* ids: what the IDs that users write stand for. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "ids.h"
#include "idtext.h"
#include "io.h"
#include "shelved.h"

enum { NAMED = 3, NEAR_MAX = 1000 };

/* one question */
struct asked {
	struct spool *sp;
	const struct idtext *text;
	unsigned flags;
	struct ids *out;
	struct buf *why;
};

void
ids_free(struct ids *l)
{
	free(l->id);
	*l = (struct ids)IDS_INIT;
}

void
id_text(struct buf *b, const struct id *id)
{
	buf_str(b, id->dag);
	if (id->run[0])
		buf_fmt(b, "/%s", id->run);
	if (id->task[0])
		buf_fmt(b, "/%s", id->task);
}

int
id_compare(const void *a, const void *b)
{
	const struct id *x = a, *y = b;
	int64_t s = INT64_MIN, t = INT64_MIN;
	int c = strcmp(x->dag, y->dag);

	if (c)
		return c;
	run_name_parse(x->run, &s, NULL, NULL);
	run_name_parse(y->run, &t, NULL, NULL);
	if (s != t)
		return s < t ? -1 : 1;
	c = strcmp(x->run, y->run);
	return c ? c : strcmp(x->task, y->task);
}

struct id *
ids_add(struct ids *l, const char *dag, const char *run, const char *task)
{
	struct id *id;

	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 16;

		id = realloc(l->id, cap * sizeof *id);
		if (!id)
			return NULL;
		l->id = id;
		l->cap = cap;
	}
	id = &l->id[l->n++];
	*id = (struct id){0};
	snprintf(id->dag, sizeof id->dag, "%s", dag);
	snprintf(id->run, sizeof id->run, "%s", run);
	snprintf(id->task, sizeof id->task, "%s", task);
	return id;
}

static int
add(struct ids *l, const char *dag, const struct run_entry *run,
    const char *task)
{
	struct id *id = ids_add(l, dag, run ? run->name : "", task);

	if (id)
		id->archived = run && run->archived;
	return id ? 0 : -1;
}

static int
missing(struct buf *why, const char *fmt, const char *a, const char *b)
{
	buf_reset(why);
	buf_fmt(why, fmt, a, b);
	errno = ENOENT;
	return -1;
}

static int
guess(struct buf *why, const char *meant)
{
	if (meant)
		buf_fmt(why, ", did you mean \"%s\"?", meant);
	errno = ENOENT;
	return -1;
}

/* adds the tasks of a plan that were asked for */
static int
plan_tasks(const struct asked *q, const char *dag, const struct run_entry *run,
    const struct plan *p)
{
	const char *near[NEAR_MAX + 1], *want = q->text->task;
	char name[TASK_LEN + 1], *copy;
	size_t before = q->out->n, n = 0;

	if (!idtext_glob(want)) {
		if (plan_find(p, want, strlen(want)) >= 0)
			return add(q->out, dag, run, want);
	} else
		for (uint32_t t = 0; t < p->n; t++)
			if (fnmatch(want, plan_name(p, t, name), 0) == 0 &&
			    add(q->out, dag, run, name) < 0)
				return -1;
	if (q->out->n > before)
		return 0;
	missing(q->why, "%s has no task %s", run->name, want);
	copy = malloc((TASK_LEN + 1) * NEAR_MAX);
	if (!copy)
		return -1;
	for (n = 0; n < p->base && n < NEAR_MAX; n++)
		near[n] = plan_name(p, (uint32_t)n, copy + n * (TASK_LEN + 1));
	near[n] = NULL;
	guess(q->why, idtext_glob(want) ? NULL : name_nearest(want, near));
	free(copy);
	return -1;
}

static int
damaged(const struct asked *q, const char *dag, const char *run,
    const struct buf *fault)
{
	int e = errno;

	buf_reset(q->why);
	buf_fmt(q->why, "the plan of %s/%s is damaged: %.*s", dag, run,
	    (int)fault->n, fault->n ? fault->p : "");
	if (fault->n == 0)
		buf_str(q->why, strerror(e));
	errno = e;
	return -1;
}

static int
archived_tasks(const struct asked *q, const char *dag,
    const struct run_entry *run)
{
	struct buf fault = BUF_INIT;
	struct shelved s;
	int x = shelved_read(q->sp, dag, run->name, &s, &fault), e;

	x = x < 0 ? damaged(q, dag, run->name, &fault) :
	    plan_tasks(q, dag, run, s.plan);
	e = errno;
	shelved_free(&s);
	buf_free(&fault);
	errno = e;
	return x;
}

static int
add_tasks(const struct asked *q, const char *dag, const struct run_entry *run)
{
	const char *want = q->text->task;
	struct buf fault = BUF_INIT;
	struct run r;
	int x, e;

	if (!want)
		return add(q->out, dag, run, "");
	if (run->archived)
		return archived_tasks(q, dag, run);
	if (run_open(q->sp, dag, run->name, &r) < 0)
		return errno == ENOENT ? missing(q->why,
		    "the run %s/%s has gone", dag, run->name) : -1;
	if (!idtext_glob(want) && task_state(&r, want).state != STATE_NONE)
		x = add(q->out, dag, run, want);
	else if (run_plan(&r, &fault) < 0)
		x = damaged(q, dag, run->name, &fault);
	else
		x = plan_tasks(q, dag, run, r.plan);
	e = errno;
	run_close(&r);
	buf_free(&fault);
	errno = e;
	return x;
}

static int
is_archived(const struct asked *q, const char *dag, const char *run)
{
	return missing(q->why, "the run %s/%s is archived: dagq --rerun "
	    "brings it back", dag, run);
}

/* chooses among the runs of a DAG; they are in order */
static int
ambiguous(const struct asked *q, const struct run_entry *list, size_t n,
    size_t first, size_t count)
{
	size_t len = strlen(q->text->run), named = 0;

	buf_reset(q->why);
	buf_fmt(q->why, "%zu runs begin so: ", count);
	for (size_t i = first; i < n && named < NAMED; i++)
		if (strncmp(list[i].name, q->text->run, len) == 0)
			buf_fmt(q->why, "%s%s", named++ ? ", " : "",
			    list[i].name);
	if (count > NAMED)
		buf_str(q->why, ", ...");
	errno = ENOTUNIQ;
	return -1;
}

static int
no_run(const struct asked *q, const char *dag, const struct run_entry *list,
    size_t n)
{
	if (n == 0)
		return missing(q->why, "%s has no runs%s", dag, "");
	missing(q->why, "%s has no run %s", dag, q->text->run);
	if (n == 1)
		buf_fmt(q->why, ", its only one is %s", list[0].name);
	else
		buf_fmt(q->why, ", they go from %s to %s", list[0].name,
		    list[n - 1].name);
	return -1;
}

static int
begins(const struct asked *q, const char *dag, const struct run_entry *list,
    size_t n)
{
	size_t len = strlen(q->text->run), count = 0, first = 0;
	bool old = false;

	for (size_t i = 0; i < n; i++) {
		if (strncmp(list[i].name, q->text->run, len) != 0)
			continue;
		if (list[i].archived && !(q->flags & IDS_ARCHIVED)) {
			if (count == 0)
				first = i;
			old = true;
		} else if (count++ == 0)
			first = i;
	}
	if (count > 1)
		return ambiguous(q, list, n, first, count);
	if (count == 0)
		return old ? is_archived(q, dag, list[first].name) :
		    no_run(q, dag, list, n);
	return add_tasks(q, dag, &list[first]);
}

static int
latest(const struct asked *q, const char *dag, const struct run_entry *list,
    size_t n)
{
	if (n == 0)
		return no_run(q, dag, list, n);
	if (list[n - 1].archived && !(q->flags & IDS_ARCHIVED))
		return is_archived(q, dag, list[n - 1].name);
	return add_tasks(q, dag, &list[n - 1]);
}

static int
matching(const struct asked *q, const char *dag, const struct run_entry *list,
    size_t n)
{
	size_t before = q->out->n;

	for (size_t i = 0; i < n; i++)
		if ((!list[i].archived || (q->flags & IDS_ARCHIVED)) &&
		    fnmatch(q->text->run, list[i].name, 0) == 0 &&
		    add_tasks(q, dag, &list[i]) < 0 && errno != ENOENT)
			return -1;
	if (q->out->n > before)
		return 0;
	errno = ENOENT;
	return q->why->n ? -1 : missing(q->why, "no run of %s matches %s",
	    dag, q->text->run);
}

/* the whole name of a run: there is nothing to choose */
static int
exact(const struct asked *q, const char *dag, bool *found)
{
	struct run_entry e = {0};
	char path[NAME_LEN + RUN_LEN + 8];

	*found = false;
	if (run_name_parse(q->text->run, &e.time, NULL, &e.manual) < 0)
		return 0;
	snprintf(e.name, sizeof e.name, "%s", q->text->run);
	snprintf(path, sizeof path, "runs/%s/%s", dag, e.name);
	if (io_exists(q->sp->fd, path) != 1) {
		if (!archive_exists(q->sp, dag, e.name))
			return 0;
		e.archived = true;
	}
	*found = true;
	if (e.archived && !(q->flags & IDS_ARCHIVED))
		return is_archived(q, dag, e.name);
	return add_tasks(q, dag, &e);
}

static int
add_runs(const struct asked *q, const char *dag)
{
	const char *want = q->text->run;
	struct run_entry *list;
	bool found;
	size_t n;
	int x, e;

	if (!want)
		return add(q->out, dag, NULL, "");
	x = exact(q, dag, &found);
	if (found)
		return x;
	if (spool_runs(q->sp, dag, true, &list, &n) < 0)
		return -1;
	if (strcmp(want, "@") == 0)
		x = latest(q, dag, list, n);
	else if (idtext_glob(want))
		x = matching(q, dag, list, n);
	else
		x = begins(q, dag, list, n);
	e = errno;
	free(list);
	errno = e;
	return x;
}

/* 1: but for those that are damaged, as why says */
static int
matching_dags(const struct asked *q, const struct names *dags)
{
	struct buf faults = BUF_INIT;
	size_t i;
	int x = -1;

	for (i = 0; i < dags->n; i++) {
		if (fnmatch(q->text->dag, dags->name[i], 0) != 0)
			continue;
		buf_reset(q->why);
		if (add_runs(q, dags->name[i]) == 0 || errno == ENOENT)
			continue;
		if (!run_damaged(errno))
			break;
		if (!q->why->n)
			buf_fmt(q->why, "%s: %s", dags->name[i],
			    strerror(errno));
		buf_fmt(&faults, "; %s", buf_cstr(q->why));
	}
	if (i == dags->n && (x = faults.n > 0)) {
		buf_reset(q->why);
		buf_str(q->why, faults.p + strlen("; "));
		errno = EBADMSG;
	}
	buf_free(&faults);
	return x;
}

static int
each_dag(const struct asked *q)
{
	const char *want = q->text->dag;
	size_t before = q->out->n;
	struct names dags;
	int x, e;

	if (!idtext_glob(want) && spool_knows(q->sp, want))
		return add_runs(q, want);
	if (spool_dags(q->sp, &dags) < 0)
		return -1;
	if (idtext_glob(want))
		x = matching_dags(q, &dags);
	else {
		missing(q->why, "there is no DAG %s here%s", want, "");
		x = guess(q->why, name_nearest(want,
		    (const char *const *)dags.name));
	}
	e = errno;
	names_free(&dags);
	errno = e;
	if (x < 0 || q->out->n > before)
		return x;
	errno = x > 0 ? EBADMSG : ENOENT;
	return q->why->n ? -1 : missing(q->why, "no DAG matches %s%s", want,
	    "");
}

/* does a path lead into this spool? one that is not there might */
static bool
our_path(struct spool *sp, const char *root)
{
	struct buf path = BUF_INIT;
	struct stat a, b;
	bool ours;

	buf_fmt(&path, "%s/runs", root);
	ours = stat(buf_cstr(&path), &a) < 0 || fstat(sp->runs, &b) < 0 ||
	    (a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	buf_free(&path);
	return ours;
}

int
ids_resolve(struct spool *sp, const char *text, unsigned flags,
    struct ids *out, struct buf *why)
{
	struct idtext t;
	struct asked q = { sp, &t, flags, out, why };
	size_t before = out->n;
	int x, e;

	buf_reset(why);
	x = idtext_parse(&t, text, why);
	if (x == 0 && t.root && !our_path(sp, t.root)) {
		buf_fmt(why, "it is in another spool than %s", sp->path);
		errno = EXDEV;
		x = -1;
	}
	if (x == 0)
		x = each_dag(&q);
	e = errno;
	if (x == 0)
		buf_reset(why);
	else if (x < 0)
		out->n = before;
	idtext_free(&t);
	errno = e ? e : EIO;
	return x;
}
