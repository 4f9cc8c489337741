/* check: whether the spool is as dagspool(5) says, and putting it right. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aside.h"
#include "check.h"
#include "eval.h"
#include "io.h"

enum fault_kind {
	FAULT_FOREIGN,		/* a name that is not ours */
	FAULT_FORM,		/* ours, but no plain file (or directory) */
	FAULT_TASKLESS,		/* a marker of a task not in the plan */
	FAULT_DOUBLE,		/* a second marker, of an earlier state */
	FAULT_MISSING,		/* no marker */
	FAULT_STATE,		/* no state of the run */
	FAULT_STATES,		/* a second one */
	FAULT_PLAN,		/* no plan, or a damaged one */
	FAULT_RECORD,
};

static const char *const words[] = {
	[FAULT_FOREIGN] = "not a name of ours",
	[FAULT_FORM] = "not a plain file with one link",
	[FAULT_TASKLESS] = "a marker for a task that is not in the plan",
	[FAULT_DOUBLE] = "a second marker of its task, of an earlier state",
	[FAULT_MISSING] = "no marker",
	[FAULT_STATE] = "no state: none of @waiting @active @success @failed",
	[FAULT_STATES] = "a second state of the run",
	[FAULT_PLAN] = "its plan is missing or damaged",
	[FAULT_RECORD] = "its file \"run\" is missing",
};

struct fault {
	enum fault_kind kind;
	bool queued;		/* the name is in queue/ */
	char name[FILE_LEN];	/* a file's, or (MISSING) a task's */
};

struct faults {
	struct fault *f;
	size_t n, cap;
};

struct checker {
	struct spool *sp;
	bool repair;
	void (*tell)(const char *, const char *, void *);
	void *arg;
	struct names queue;	/* as listed at the start */
	int count;
};

static int
add(struct faults *l, enum fault_kind kind, bool queued, const char *name)
{
	struct fault *f;

	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 8;
		f = realloc(l->f, l->cap * sizeof *f);
		if (!f)
			return -1;
		l->f = f;
	}
	f = &l->f[l->n++];
	f->kind = kind;
	f->queued = queued;
	snprintf(f->name, sizeof f->name, "%s", name);
	return 0;
}

static bool
plain_file(int dir, const char *name, nlink_t links)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && (links == 0 || st.st_nlink == links);
}

/* the places in the sorted list of queue/ that belong to a run */
static size_t
queue_of(const struct checker *c, const struct run *r, size_t *end)
{
	char prefix[FILE_LEN];
	size_t low = 0, high = c->queue.n, mid, n;

	queue_file(prefix, r->dag, r->name, "");
	n = strlen(prefix);
	while (low < high) {
		mid = (low + high) / 2;
		if (strncmp(c->queue.name[mid], prefix, n) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (*end = low; *end < c->queue.n &&
	    strncmp(c->queue.name[*end], prefix, n) == 0; ++*end)
		;
	return low;
}

/* what is known of the markers while a look goes on */
struct look {
	struct run *r;
	struct instance *best;	/* of each task: the latest state seen */
	struct faults *out;
	unsigned states;
};

/* a marker has been seen: the later state counts, the other is too many */
static int
seen(struct look *l, const char *task, struct instance in)
{
	int64_t t = plan_find(l->r->plan, task, strlen(task));
	bool queued = in.state == STATE_READY;
	struct instance *best, worse = in;
	char file[FILE_LEN];

	if (queued)
		queue_file(file, l->r->dag, l->r->name, task);
	else
		marker_file(file, task, in);
	if (t < 0)
		return strchr(task, '+') ? 0 :
		    add(l->out, FAULT_TASKLESS, queued, file);
	best = &l->best[t];
	if (!plain_file(queued ? l->r->spool->queue : l->r->fd, file, 1))
		return errno == ENOENT ? 0 :
		    add(l->out, FAULT_FORM, queued, file);
	if (best->state == STATE_NONE) {
		*best = in;
		return 0;
	}
	if (in.state > best->state || (in.state == best->state &&
	    in.attempt > best->attempt)) {
		worse = *best;
		*best = in;
	}
	queued = worse.state == STATE_READY;
	if (queued)
		queue_file(file, l->r->dag, l->r->name, task);
	else
		marker_file(file, task, worse);
	return add(l->out, FAULT_DOUBLE, queued, file);
}

static int
look_at_name(struct look *l, const char *name)
{
	static const char *const dirs[] = {"log", "out", "map", NULL};
	char task[TASK_LEN + 1];
	struct instance in;

	if (name[0] == '@') {
		for (int s = 0; s < RUN_STATES; s++)
			if (strcmp(name + 1, run_state_name(s)) == 0)
				return l->states++ ? add(l->out, FAULT_STATES,
				    false, name) : 0;
		return add(l->out, FAULT_FOREIGN, false, name);
	}
	if (strcmp(name, "plan") == 0 || strcmp(name, "run") == 0)
		return plain_file(l->r->fd, name, 0) ? 0 :
		    add(l->out, FAULT_FORM, false, name);
	for (int i = 0; dirs[i]; i++)
		if (strcmp(name, dirs[i]) == 0)
			return 0;
	if (marker_parse(name, task, &in) < 0)
		return add(l->out, FAULT_FOREIGN, false, name);
	return seen(l, task, in);
}

/* markers in queue/, those that were listed and those that came since */
static int
look_at_queue(const struct checker *c, struct look *l)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	struct instance ready = {STATE_READY, 0};
	size_t end, i = queue_of(c, l->r, &end);
	char file[FILE_LEN];

	for (; i < end; i++)
		if (queue_parse(c->queue.name[i], dag, run, task) == 0 &&
		    faccessat(c->sp->queue, c->queue.name[i], F_OK,
		    AT_SYMLINK_NOFOLLOW) == 0 && seen(l, task, ready) < 0)
			return -1;
	for (uint32_t t = 0; t < l->r->plan->n; t++) {
		if (l->best[t].state != STATE_NONE)
			continue;
		queue_file(file, l->r->dag, l->r->name,
		    plan_name(l->r->plan, t, task));
		if (faccessat(c->sp->queue, file, F_OK,
		    AT_SYMLINK_NOFOLLOW) == 0) {
			if (seen(l, task, ready) < 0)
				return -1;
		} else if (add(l->out, FAULT_MISSING, false, task) < 0)
			return -1;
	}
	return 0;
}

/* one look at a locked run: all that seems wrong */
static int
look(const struct checker *c, struct run *r, struct faults *out)
{
	struct look l = {.r = r, .out = out};
	struct names files = {0};
	int x = -1;

	l.best = malloc(r->plan->n * sizeof *l.best);
	if (!l.best || names_list(r->fd, ".", &files) < 0)
		goto out;
	for (uint32_t t = 0; t < r->plan->n; t++)
		l.best[t] = (struct instance){STATE_NONE, 0};
	x = 0;
	for (size_t i = 0; i < files.n && x == 0; i++)
		x = look_at_name(&l, files.name[i]);
	if (x == 0 && l.states == 0)
		x = add(out, FAULT_STATE, false, "@");
	if (x == 0 && faccessat(r->fd, "run", F_OK, 0) < 0)
		x = add(out, FAULT_RECORD, false, "run");
	if (x == 0)
		x = look_at_queue(c, &l);
out:
	names_free(&files);
	free(l.best);
	return x;
}

/* keeps of a those that are in b as well */
static void
intersect(struct faults *a, const struct faults *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (a->f[i].kind == b->f[k].kind &&
			    strcmp(a->f[i].name, b->f[k].name) == 0) {
				a->f[kept++] = a->f[i];
				break;
			}
	a->n = kept;
}

static int
make(int dir, const char *file)
{
	return marker_make(dir, file) < 0 && errno != EEXIST ? -1 : 0;
}

static int
put_right(struct checker *c, struct run *r, const struct fault *f)
{
	struct instance held = {STATE_HELD, 0};
	char file[FILE_LEN], bad[FILE_LEN * 2];

	switch (f->kind) {
	case FAULT_MISSING:
		/* held: it may have succeeded; that is for a person to say */
		marker_file(file, f->name, held);
		return make(r->fd, file);
	case FAULT_STATE:
		return make(r->fd, "@active");
	case FAULT_PLAN:
	case FAULT_RECORD:
		return 0;	/* nothing to put right from: it is told */
	default:
		snprintf(bad, sizeof bad, "%s@%s.%s", r->dag, r->name,
		    f->name);
		return aside_put(c->sp, f->queued ? c->sp->queue : r->fd,
		    f->name, f->queued ? f->name : bad, words[f->kind]);
	}
}

static void
tell(struct checker *c, const struct run *r, const struct fault *f)
{
	struct buf where = BUF_INIT;

	if (f->queued)
		buf_fmt(&where, "queue/%s", f->name);
	else if (f->kind == FAULT_MISSING)
		buf_fmt(&where, "%s/%s/%s", r->dag, r->name, f->name);
	else if (f->kind == FAULT_STATE || f->kind == FAULT_PLAN)
		buf_fmt(&where, "%s/%s", r->dag, r->name);
	else
		buf_fmt(&where, "runs/%s/%s/%s", r->dag, r->name, f->name);
	c->count++;
	c->tell(buf_cstr(&where), words[f->kind], c->arg);
	buf_free(&where);
}

static int
check_locked(struct checker *c, struct run *r)
{
	struct faults found = {0}, again = {0};
	int x;

	x = look(c, r, &found);
	for (int i = 1; i < 3 && x == 0 && found.n > 0; i++) {
		again.n = 0;
		x = look(c, r, &again);
		intersect(&found, &again);
	}
	for (size_t i = 0; i < found.n && x == 0; i++) {
		tell(c, r, &found.f[i]);
		if (c->repair)
			x = put_right(c, r, &found.f[i]);
	}
	if (x == 0 && c->repair && found.n && c->sp->durable)
		x = fsync(r->fd);
	free(found.f);
	free(again.f);
	return x;
}

static int
check_run(struct checker *c, const char *dag, const char *name)
{
	struct buf why = BUF_INIT;
	struct run r;
	int x;

	if (run_open(c->sp, dag, name, &r) < 0)
		return errno == ENOENT ? 0 : -1;
	if (run_plan(&r, &why) < 0) {
		x = run_damaged(errno) ? 0 : -1;
		if (x == 0 && faccessat(c->sp->runs, ".", F_OK, 0) == 0)
			tell(c, &r, &(struct fault){.kind = FAULT_PLAN});
	} else if ((x = run_lock(&r)) == 0) {
		x = check_locked(c, &r);
		run_unlock(&r);
		if (x == 0 && c->repair)
			x = eval_run(&r);
	}
	buf_free(&why);
	run_close(&r);
	return x;
}

static int
foreign(struct checker *c, int dir, const char *in, const char *name,
    const char *what)
{
	char where[FILE_LEN * 2];

	snprintf(where, sizeof where, "%s/%s", in, name);
	c->count++;
	c->tell(where, what, c->arg);
	return c->repair ? aside_put(c->sp, dir, name, name, what) : 0;
}

/* ready markers that belong to no run */
static int
check_queue(struct checker *c)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	char path[FILE_LEN];
	const char *name;
	int x = 0;

	for (size_t i = 0; i < c->queue.n && x == 0; i++) {
		name = c->queue.name[i];
		if (queue_parse(name, dag, run, task) < 0) {
			x = foreign(c, c->sp->queue, "queue", name,
			    words[FAULT_FOREIGN]);
			continue;
		}
		snprintf(path, sizeof path, "%s/%s", dag, run);
		if (faccessat(c->sp->runs, path, F_OK,
		    AT_SYMLINK_NOFOLLOW) < 0 &&
		    faccessat(c->sp->queue, name, F_OK,
		    AT_SYMLINK_NOFOLLOW) == 0)
			x = foreign(c, c->sp->queue, "queue", name,
			    "a marker without a run");
	}
	return x;
}

static int
check_dag(struct checker *c, const char *dag)
{
	char in[FILE_LEN];
	struct names runs;
	int dir, x = 0;

	if (!name_ok(dag, strlen(dag)))
		return foreign(c, c->sp->runs, "runs", dag,
		    words[FAULT_FOREIGN]);
	dir = io_open(c->sp->runs, dag, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return errno == ENOENT ? 0 : errno == ENOTDIR ||
		    errno == ELOOP ? foreign(c, c->sp->runs, "runs", dag,
		    "not a directory") : -1;
	snprintf(in, sizeof in, "runs/%s", dag);
	if (names_list(dir, ".", &runs) < 0) {
		close(dir);
		return -1;
	}
	for (size_t i = 0; i < runs.n && x == 0; i++) {
		x = run_name_parse(runs.name[i], NULL, NULL, NULL) < 0 ?
		    foreign(c, dir, in, runs.name[i], words[FAULT_FOREIGN]) :
		    check_run(c, dag, runs.name[i]);
		if (x < 0 && (errno == ENOTDIR || errno == ELOOP))
			x = foreign(c, dir, in, runs.name[i],
			    "not a directory");
	}
	names_free(&runs);
	close(dir);
	return x;
}

int
check_spool(struct spool *sp, bool repair,
    void (*tell_of)(const char *, const char *, void *), void *arg)
{
	struct checker c = {.sp = sp, .repair = repair, .tell = tell_of,
	    .arg = arg};
	struct names dags = {0};
	int x;

	x = names_list(sp->fd, "queue", &c.queue);
	if (x == 0)
		x = names_list(sp->fd, "runs", &dags);
	if (x == 0)
		x = check_queue(&c);
	for (size_t i = 0; i < dags.n && x == 0; i++)
		x = check_dag(&c, dags.name[i]);
	names_free(&dags);
	names_free(&c.queue);
	return x < 0 ? -1 : c.count;
}
