/* renew: an ended run takes another definition. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "io.h"
#include "maker.h"
#include "renew.h"
#include "retire.h"
#include "tree.h"
#include "unpack.h"
#include "who.h"

/* the run as it is built in tmp/, from the plan and from its archive */
struct renewal {
	const struct plan *plan;
	int top;
	struct buf *why;
};

/* the run's record, to be made again */
static int
record(struct spool *sp, const char *dag, const char *run, struct buf *text,
    struct buf *why)
{
	struct buf old = BUF_INIT;
	struct rec rec = {0};
	int x = archive_get(sp, dag, run, "run", 1 << 20, &old, why);

	if (x == 0 && rec_parse(&rec, old.p, old.n ? old.n - 1 : 0) != REC_OK) {
		buf_str(why, "its record is damaged");
		errno = EBADMSG;
		x = -1;
	}
	if (x == 0) {
		rec_begin(text, "run", rec.id);
		for (size_t i = 0; i < rec.nfield; i++)
			if (strcmp(rec.field[i].key, "definition") != 0)
				rec_put(text, rec.field[i].key,
				    rec.field[i].value);
		rec_put(text, "definition", "latest");
		if (text->err) {
			errno = ENOMEM;
			x = -1;
		}
	}
	rec_free(&rec);
	buf_free(&old);
	return x;
}

/* the new run was built waiting: it gets the state that it had, and when */
static int
take_state(const struct renewal *n, const struct tar_member *m)
{
	int fd, x;

	if (io_place(n->top, "@waiting", n->top, m->name) < 0)
		return -1;
	fd = io_open(n->top, m->name, O_WRONLY, 0);
	x = fd < 0 ? -1 : marker_due(fd, m->mtime);
	if (fd >= 0)
		close(fd);
	return x;
}

/* is the task of a list, or of an instance, mapped in the new plan? */
static bool
mapped(const struct renewal *n, const char *name)
{
	int64_t t = plan_find(n->plan, name, strcspn(name, "+"));

	return t >= 0 && n->plan->each && n->plan->each[t];
}

static int
take_member(const struct tar_member *m, void *arg)
{
	const struct renewal *n = arg;
	char task[TASK_LEN + 1], file[FILE_LEN];
	struct instance in;

	if (strcmp(m->name, "plan") == 0 || strcmp(m->name, "run") == 0)
		return 0;
	if (m->name[0] == '@')
		return take_state(n, m);
	if (strncmp(m->name, "map/", 4) == 0 && !mapped(n, m->name + 4))
		return 0;
	if (strchr(m->name, '/') || marker_parse(m->name, task, &in) < 0)
		return unpack_member(n->top, m, m->name, n->why);
	/* its list says that there is such a task */
	if (strchr(task, '+') && mapped(n, task))
		return unpack_member(n->top, m, m->name, n->why);
	if (plan_find(n->plan, task, strlen(task)) < 0) {
		snprintf(file, sizeof file, "log/%.200s", m->name);
		return unpack_member(n->top, m, file, n->why);
	}
	marker_file(file, task, (struct instance){STATE_WAITING, 0});
	if (unlinkat(n->top, file, 0) < 0)
		return -1;
	return unpack_member(n->top, m, m->name, n->why);
}

/* tasks that are new: held until the rerun releases them */
static int
hold_new(const struct renewal *n)
{
	char task[TASK_LEN + 1], from[FILE_LEN], to[FILE_LEN];

	for (uint32_t t = 0; t < n->plan->n; t++) {
		plan_name(n->plan, t, task);
		marker_file(from, task, (struct instance){STATE_WAITING, 0});
		marker_file(to, task, (struct instance){STATE_HELD, 0});
		if (io_place(n->top, from, n->top, to) < 0 &&
		    errno != ENOENT)
			return -1;
	}
	return 0;
}

static int
fill(struct maker *m, const char *tmp, const char *run, struct buf *why)
{
	struct renewal n = {.plan = m->plan, .why = why};
	int x;

	n.top = io_open(m->spool->tmp, tmp, O_RDONLY | O_DIRECTORY, 0);
	if (n.top < 0)
		return -1;
	x = archive_each(m->spool, m->plan->dag, run, take_member, &n, why);
	if (x == 0)
		x = hold_new(&n);
	if (x == 0)
		x = spool_sync_all(m->spool);
	close(n.top);
	return x;
}

/* runs/DAG is locked: the run is built aside, and put into place */
static int
renew_locked(struct maker *m, const char *run, const struct rec *rec,
    struct buf *why)
{
	char tmp[64];
	int x, e;

	snprintf(tmp, sizeof tmp, "renew.%s", who_self());
	x = maker_build(m, rec, tmp, run);
	if (x == 0)
		x = fill(m, tmp, run, why);
	if (x == 0)
		x = io_place(m->spool->tmp, tmp, m->dirfd, run);
	if (x == 0)
		return spool_sync(m->spool, m->dirfd);
	e = errno;
	tree_remove(m->spool->tmp, tmp);
	errno = e;
	return -1;
}

static int
renew_archived(struct spool *sp, const char *dag, const char *run,
    const struct plan *plan, struct buf *why)
{
	struct buf text = BUF_INIT;
	struct rec rec = {0};
	struct maker m;
	int x, e;

	x = record(sp, dag, run, &text, why);
	if (x == 0 && rec_parse(&rec, text.p, text.n) != REC_OK)
		x = -1;
	if (x == 0 && (x = maker_start(&m, sp, plan, why)) == 0) {
		x = renew_locked(&m, run, &rec, why);
		e = errno;
		if (maker_end(&m) < 0 && x == 0)
			x = -1;
		else
			errno = e;
	}
	e = errno;
	rec_free(&rec);
	buf_free(&text);
	errno = e;
	return x;
}

int
renew_run(struct spool *sp, const char *dag, const char *run,
    const struct plan *plan, struct buf *why)
{
	bool live;
	int x, e;

	if (maker_check(sp, plan, why) < 0)
		return -1;
	live = retire_run(sp, dag, run, why) == 0;
	if (!live && errno != ENOENT)
		return -1;
	x = renew_archived(sp, dag, run, plan, why);
	e = errno;
	if (x < 0 && live)
		retire_restore(sp, dag, run, why);
	errno = e;
	return x;
}
