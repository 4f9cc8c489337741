/* inspect: one run, looked at: what is not as dagspool(5) says. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inspect.h"
#include "io.h"
#include "rec.h"

const char *const inspect_words[] = {
	[FAULT_FOREIGN] = "not a name of ours: TASK.STATE is",
	[FAULT_FORM] = "not a plain file with one link",
	[FAULT_PLACE] = "not a directory",
	[FAULT_TASKLESS] = "a marker for a task that is not in the plan",
	[FAULT_DOUBLE] = "a second marker of its task, of an earlier state",
	[FAULT_MISSING] = "no marker",
	[FAULT_STATE] = "no state: none of @waiting @active @success @failed",
	[FAULT_STATES] = "a second state of the run",
	[FAULT_PLAN] = "its plan is missing or damaged",
	[FAULT_LIST] = "a list of its mapped tasks, in map, is damaged",
	[FAULT_RECORD] = "its file \"run\" is missing, or not its record",
	[FAULT_ENDED] = "it has not ended, but its run has",
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

/* 1, and which file it is; 0 it is something else, or -1 and errno */
static int
plain_file(int dir, const char *name, nlink_t links, ino_t *ino)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	*ino = st.st_ino;
	return S_ISREG(st.st_mode) && (links == 0 || st.st_nlink == links);
}

/* the places in the sorted list of queue/ that belong to a run */
static size_t
queue_of(const struct names *queue, const struct run *r, size_t *end)
{
	char prefix[FILE_LEN];
	size_t low = 0, high = queue->n, mid, n;

	queue_file(prefix, r->dag, r->name, "");
	n = strlen(prefix);
	while (low < high) {
		mid = (low + high) / 2;
		if (strncmp(queue->name[mid], prefix, n) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (*end = low; *end < queue->n &&
	    strncmp(queue->name[*end], prefix, n) == 0; ++*end)
		;
	return low;
}

/* what is known of the markers while a look goes on */
struct look {
	struct run *r;
	struct mark {		/* of each task: the latest state seen */
		struct instance in;
		ino_t ino;
		bool formless;	/* there is one that is no plain file */
	} *best;
	struct faults *out;
	ino_t state;		/* the run's own, the first seen; or 0 */
	bool formless;		/* or one that is no plain file */
};

/* is it of an instance whose list is being made? whoever evaluates the run
 * goes on with that */
static bool
listing(const struct run *r, const char *task)
{
	size_t n = strcspn(task, "+");
	int64_t t = task[n] ? plan_find(r->own, task, n) : -1;
	char file[FILE_LEN];

	snprintf(file, sizeof file, "map/%.*s.new", (int)n, task);
	return t >= 0 && r->own->each && r->own->each[t] &&
	    io_exists(r->fd, file) == 1;
}

/* a marker has been seen: the later state counts, the other is too many; but
 * one that was moved between two looks is the same file, however often */
static int
seen(struct look *l, const char *task, struct instance in)
{
	int64_t t = plan_find(l->r->plan, task, strlen(task));
	bool queued = in.state == STATE_READY;
	struct mark *best, now = {.in = in}, worse;
	char file[FILE_LEN];
	int x;

	if (queued)
		queue_file(file, l->r->dag, l->r->name, task);
	else
		marker_file(file, task, in);
	if (t < 0)
		return listing(l->r, task) ? 0 :
		    add(l->out, FAULT_TASKLESS, queued, file);
	best = &l->best[t];
	x = plain_file(queued ? l->r->spool->queue : l->r->fd, file, 1,
	    &now.ino);
	if (x < 0)
		return errno == ENOENT ? 0 : -1;
	now.formless = best->formless |= x == 0;
	if (x == 0)
		return add(l->out, FAULT_FORM, queued, file);
	if (best->in.state == STATE_NONE || best->ino == now.ino) {
		*best = now;
		return 0;
	}
	worse = now;
	if (in.state > best->in.state || (in.state == best->in.state &&
	    in.attempt > best->in.attempt)) {
		worse = *best;
		*best = now;
	}
	queued = worse.in.state == STATE_READY;
	if (queued)
		queue_file(file, l->r->dag, l->r->name, task);
	else
		marker_file(file, task, worse.in);
	return add(l->out, FAULT_DOUBLE, queued, file);
}

/* a state of the run itself */
static int
seen_state(struct look *l, const char *name)
{
	ino_t ino;
	int x = plain_file(l->r->fd, name, 1, &ino);

	if (x < 0)
		return errno == ENOENT ? 0 : -1;
	l->formless |= x == 0;
	if (x == 0)
		return add(l->out, FAULT_FORM, false, name);
	if (l->state && l->state != ino)
		return add(l->out, FAULT_STATES, false, name);
	l->state = ino;
	return 0;
}

static int
look_at_name(struct look *l, const char *name)
{
	static const char *const dirs[] = {"log", "out", "map", "files",
	    "fate", NULL};
	char task[TASK_LEN + 1];
	struct instance in;
	struct stat st;
	ino_t ino;
	int x;

	if (name[0] == '@') {
		for (int s = 0; s < RUN_STATES; s++)
			if (strcmp(name + 1, run_state_name(s)) == 0)
				return seen_state(l, name);
		return add(l->out, FAULT_FOREIGN, false, name);
	}
	if (strcmp(name, "plan") == 0 || strcmp(name, "run") == 0)
		return (x = plain_file(l->r->fd, name, 0, &ino)) ?
		    x < 0 ? -1 : 0 : add(l->out, FAULT_FORM, false, name);
	for (int i = 0; dirs[i]; i++)
		if (strcmp(name, dirs[i]) == 0)
			return fstatat(l->r->fd, name, &st,
			    AT_SYMLINK_NOFOLLOW) < 0 ? -1 :
			    S_ISDIR(st.st_mode) ? 0 :
			    add(l->out, FAULT_PLACE, false, name);
	if (spool_silly(l->r->spool, name))
		return 0;
	if (marker_parse(name, task, &in) < 0)
		return add(l->out, FAULT_FOREIGN, false, name);
	return seen(l, task, in);
}

int
inspect_record(const struct run *r)
{
	struct buf text = BUF_INIT;
	struct rec rec = {0};
	char id[NAME_LEN + RUN_LEN + 2];
	enum rec_result got;
	size_t n;
	int x = run_record(r, &text);

	if (x == 0) {
		snprintf(id, sizeof id, "%s/%s", r->dag, r->name);
		n = strcspn(buf_cstr(&text), "\n");
		got = n < text.n ? rec_parse(&rec, text.p, n) : REC_BAD;
		x = got == REC_ERROR ? -1 : got == REC_OK &&
		    strcmp(rec.kind, "run") == 0 && strcmp(rec.id, id) == 0;
	} else if (run_damaged(errno))
		x = 0;
	rec_free(&rec);
	buf_free(&text);
	return x;
}

/* markers in queue/, those that were listed and those that came since */
static int
look_at_queue(const struct names *queue, struct look *l)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	struct instance ready = {STATE_READY, 0};
	size_t end, i = queue_of(queue, l->r, &end);
	char file[FILE_LEN];
	int x;

	for (; i < end; i++) {
		if (queue_parse(queue->name[i], dag, run, task) < 0)
			continue;
		x = io_exists(l->r->spool->queue, queue->name[i]);
		if (x < 0 || (x > 0 && seen(l, task, ready) < 0))
			return -1;
	}
	for (uint32_t t = 0; t < l->r->plan->n; t++) {
		if (l->best[t].in.state != STATE_NONE)
			continue;
		queue_file(file, l->r->dag, l->r->name,
		    plan_name(l->r->plan, t, task));
		x = l->best[t].formless ? 0 :
		    io_exists(l->r->spool->queue, file);
		if (x > 0)
			x = seen(l, task, ready);
		/* it may move all the time, as a sensor's does */
		else if (x == 0 && (l->best[t].formless ||
		    task_state(l->r, task).state == STATE_NONE))
			x = l->best[t].formless || errno == ENOENT ?
			    add(l->out, FAULT_MISSING, false, task) : -1;
		if (x < 0)
			return -1;
	}
	return 0;
}

/* held may stay behind in an ended run: a rerun goes on with it */
static int
look_at_end(struct look *l)
{
	enum run_state s = run_state(l->r);
	char task[TASK_LEN + 1];
	int x = 0;

	if (s != RUN_SUCCESS && s != RUN_FAILED)
		return 0;
	for (uint32_t t = 0; t < l->r->plan->n && x == 0; t++)
		if (l->best[t].in.state != STATE_NONE &&
		    l->best[t].in.state != STATE_HELD &&
		    !state_ended(l->best[t].in.state))
			x = add(l->out, FAULT_ENDED, false,
			    plan_name(l->r->plan, t, task));
	return x;
}

/* one look at a locked run: all that seems wrong */
static int
look(const struct names *queue, struct run *r, struct faults *out)
{
	struct look l = {.r = r, .out = out};
	struct names files = {0};
	int x = -1;

	l.best = malloc(r->plan->n * sizeof *l.best);
	if (!l.best || names_list(r->fd, ".", &files) < 0)
		goto out;
	for (uint32_t t = 0; t < r->plan->n; t++)
		l.best[t] = (struct mark){.in = {STATE_NONE, 0}};
	x = 0;
	for (size_t i = 0; i < files.n && x == 0; i++)
		x = look_at_name(&l, files.name[i]);
	if (x == 0 && !l.state && (l.formless || run_state(r) == RUN_NONE))
		x = l.formless || errno == ENOENT ?
		    add(out, FAULT_STATE, false, "@") : -1;
	if (x == 0 && (x = inspect_record(r)) >= 0)
		x = x ? 0 : add(out, FAULT_RECORD, false, "run");
	if (x == 0)
		x = look_at_queue(queue, &l);
	if (x == 0)
		x = look_at_end(&l);
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

int
inspect_run(struct run *r, const struct names *queue, struct faults *out)
{
	struct faults again = {0};
	int x = look(queue, r, out);

	for (int i = 1; i < 3 && x == 0 && out->n > 0; i++) {
		again.n = 0;
		x = look(queue, r, &again);
		intersect(out, &again);
	}
	free(again.f);
	return x;
}
