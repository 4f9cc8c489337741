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
#include "inspect.h"
#include "io.h"
#include "outbox.h"
#include "withdraw.h"

struct checker {
	struct spool *sp;
	bool repair;
	void (*tell)(const char *, const char *, void *);
	void (*looked)(void *);
	void *arg;
	struct names queue;	/* as listed at the start */
	int count;
};

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
	case FAULT_ENDED:
		return run_move(r, run_state(r), RUN_ACTIVE) < 0 &&
		    errno != EEXIST && errno != ENOENT ? -1 : 0;
	case FAULT_PLAN:
	case FAULT_RECORD:
		return 0;	/* nothing to put right from: withdrawn */
	default:
		snprintf(bad, sizeof bad, "%s@%s.%s", r->dag, r->name,
		    f->name);
		return aside_put(c->sp, f->queued ? c->sp->queue : r->fd,
		    f->name, f->queued ? f->name : bad, inspect_words[f->kind]);
	}
}

static void
tell(struct checker *c, const struct run *r, const struct fault *f)
{
	struct buf where = BUF_INIT;

	if (f->queued)
		buf_fmt(&where, "queue/%s", f->name);
	else if (f->kind == FAULT_MISSING || f->kind == FAULT_ENDED)
		buf_fmt(&where, "%s/%s/%s", r->dag, r->name, f->name);
	else if (f->kind == FAULT_STATE || f->kind == FAULT_PLAN)
		buf_fmt(&where, "%s/%s", r->dag, r->name);
	else
		buf_fmt(&where, "runs/%s/%s/%s", r->dag, r->name, f->name);
	c->count++;
	c->tell(buf_cstr(&where), inspect_words[f->kind], c->arg);
	buf_free(&where);
}

static int
check_locked(struct checker *c, struct run *r)
{
	struct faults found = {0};
	int x = inspect_run(r, &c->queue, &found);

	for (size_t i = 0; i < found.n && x == 0; i++) {
		tell(c, r, &found.f[i]);
		if (c->repair)
			x = put_right(c, r, &found.f[i]);
	}
	if (x == 0 && c->repair && found.n)
		x = spool_sync(c->sp, r->fd);
	free(found.f);
	return x;
}

/* was it archived under our eyes? errno stays if it was not */
static bool
archived(const struct run *r)
{
	int e = errno;
	bool is;

	errno = ENOENT;
	is = !run_in_place(r) && errno == ENOENT;
	errno = e;
	return is;
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
		if (x == 0)
			tell(c, &r, &(struct fault){.kind = FAULT_PLAN});
		if (x == 0 && c->repair)
			x = withdraw_run(&r, inspect_words[FAULT_PLAN]);
	} else if ((x = run_lock(&r)) == 0) {
		x = run_fresh(&r) < 0 ? -1 : check_locked(c, &r);
		run_unlock(&r);
		/* what cannot be told is not mended */
		if (x == 0 && c->repair && (x = io_exists(r.fd, "run")) >= 0)
			x = x ? eval_run(&r) :
			    withdraw_run(&r, inspect_words[FAULT_RECORD]);
	}
	if (x < 0 && archived(&r))
		x = 0;
	buf_free(&why);
	run_close(&r);
	return x < 0 ? -1 : 0;
}

static int
foreign(struct checker *c, int dir, const char *in, const char *name,
    const char *what)
{
	char where[FILE_LEN * 2];

	snprintf(where, sizeof where, "%s%s%s", in, *in ? "/" : "", name);
	c->count++;
	c->tell(where, what, c->arg);
	return c->repair ? aside_put(c->sp, dir, name, name, what) : 0;
}

/* what lies beside the spool's directories */
static int
check_top(struct checker *c)
{
	struct names top;
	int x = names_list(c->sp->fd, ".", &top);

	if (x < 0)
		return -1;
	for (size_t i = 0; i < top.n && x == 0; i++)
		if (!spool_has(top.name[i]))
			x = foreign(c, c->sp->fd, "", top.name[i],
			    inspect_words[FAULT_FOREIGN]);
	names_free(&top);
	return x;
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
			    inspect_words[FAULT_FOREIGN]);
			continue;
		}
		snprintf(path, sizeof path, "%s/%s", dag, run);
		x = io_exists(c->sp->runs, path);
		if (x == 0 && (x = io_exists(c->sp->queue, name)) == 1)
			x = foreign(c, c->sp->queue, "queue", name,
			    "a marker without a run");
		else if (x > 0)
			x = 0;
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
		    inspect_words[FAULT_FOREIGN]);
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
		    foreign(c, dir, in, runs.name[i],
		    inspect_words[FAULT_FOREIGN]) :
		    check_run(c, dag, runs.name[i]);
		if (x < 0 && (errno == ENOTDIR || errno == ELOOP))
			x = foreign(c, dir, in, runs.name[i],
			    "not a directory");
		if (c->looked)
			c->looked(c->arg);
	}
	names_free(&runs);
	close(dir);
	return x;
}

/* notices: names of ours, plain files, records that can be read */
static int
check_outbox(struct checker *c, const char *in)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1];
	int dir = io_open(c->sp->fd, in, O_RDONLY | O_DIRECTORY, 0), x = 0;
	struct buf text = BUF_INIT;
	struct rec r = {0};
	struct names all = {0};

	if (dir < 0)
		return errno == ENOENT ? 0 : -1;
	if (names_list(dir, ".", &all) < 0)
		x = -1;
	for (size_t i = 0; i < all.n && x == 0; i++) {
		if (!outbox_name(all.name[i], dag, run))
			x = foreign(c, dir, in, all.name[i],
			    inspect_words[FAULT_FOREIGN]);
		else if (outbox_read(c->sp, in, all.name[i], &text, &r) < 0 &&
		    errno != ENOENT)
			x = run_damaged(errno) ? foreign(c, dir, in,
			    all.name[i], "not a notice") : -1;
	}
	names_free(&all);
	rec_free(&r);
	buf_free(&text);
	close(dir);
	return x;
}

int
check_spool(struct spool *sp, bool repair,
    void (*tell_of)(const char *, const char *, void *),
    void (*looked)(void *), void *arg)
{
	struct checker c = {.sp = sp, .repair = repair, .tell = tell_of,
	    .looked = looked, .arg = arg};
	struct names dags = {0};
	int x;

	x = names_list(sp->fd, "queue", &c.queue);
	if (x == 0)
		x = names_list(sp->fd, "runs", &dags);
	if (x == 0)
		x = check_top(&c);
	if (x == 0)
		x = check_queue(&c);
	if (x == 0)
		x = check_outbox(&c, "outbox");
	if (x == 0)
		x = check_outbox(&c, "undelivered");
	for (size_t i = 0; i < dags.n && x == 0; i++)
		x = check_dag(&c, dags.name[i]);
	names_free(&dags);
	names_free(&c.queue);
	return x < 0 ? -1 : c.count;
}
