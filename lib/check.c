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
#include "known.h"
#include "parts.h"
#include "seen.h"
#include "withdraw.h"

enum { ALIKE_MOST = 100 };	/* of one directory that are told, each */

struct checker {
	struct spool *sp;
	bool repair;
	void (*tell)(const char *, const char *, void *);
	void (*looked)(void *);
	void *arg;
	struct names queue;	/* as listed at the start */
	int count;
	bool refused;		/* something is not for us */
	/* what was told last of a name, and of how many in a row */
	const char *what;
	char in[FILE_LEN * 2];
	size_t alike;
};

/* those that were not told, each, are told together */
static void
tell_rest(struct checker *c)
{
	struct buf b = BUF_INIT;

	if (c->alike > ALIKE_MOST) {
		buf_fmt(&b, "%s, and %zu more", c->what, c->alike - ALIKE_MOST);
		c->tell(c->in, buf_cstr(&b), c->arg);
	}
	buf_free(&b);
	c->alike = 0;
}

/* is it? 1, 0, -1 and errno */
static int
is_directory(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -1 :
	    S_ISDIR(st.st_mode);
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
	case FAULT_ENDED:
		return run_move(r, run_state(r), RUN_ACTIVE) < 0 &&
		    errno != EEXIST && errno != ENOENT ? -1 : 0;
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
	else if (f->kind == FAULT_STATE || f->kind == FAULT_PLAN ||
	    f->kind == FAULT_LIST)
		buf_fmt(&where, "%s/%s", r->dag, r->name);
	else
		buf_fmt(&where, "runs/%s/%s/%s", r->dag, r->name, f->name);
	c->count++;
	c->tell(buf_cstr(&where), inspect_words[f->kind], c->arg);
	buf_free(&where);
}

/* a name that is not as it should be: told */
static void
tell_name(struct checker *c, const char *in, const char *name,
    const char *what)
{
	char where[FILE_LEN * 4];

	c->count++;
	if (c->alike == 0 || c->what != what || strcmp(c->in, in) != 0) {
		tell_rest(c);
		c->what = what;
		snprintf(c->in, sizeof c->in, "%s", in);
	}
	snprintf(where, sizeof where, "%s%s%s", in, *in ? "/" : "", name);
	if (c->alike++ < ALIKE_MOST)
		c->tell(where, what, c->arg);
}

/* told, and set aside as that */
static int
foreign(struct checker *c, int dir, const char *in, const char *name,
    const char *as, const char *what)
{
	tell_name(c, in, name, what);
	return c->repair ? aside_put(c->sp, dir, name, as, what) : 0;
}

/* it belongs to us, but others have a part in it; what only root may put right
 * does not keep the rest from being so */
static int
rights(struct checker *c, int dir, const char *in, const char *name,
    const char *what, const struct rights *r)
{
	tell_name(c, in, name, what);
	if (!c->repair || rights_mend(r, dir, name) == 0)
		return 0;
	if (errno != EPERM && errno != EACCES)
		return -1;
	c->refused = true;
	return 0;
}

/* could it not be looked at since it is not for us? That was told; all else is
 * looked at */
static bool
closed(struct checker *c, int x)
{
	bool is = x < 0 && errno == EACCES;

	c->refused |= is;
	return is;
}

/* of what is in a directory; *r: before, of its own place; after, of these */
static int
look_rights(struct checker *c, int dir, const char *in, struct rights *r)
{
	struct names names;
	const char *what;
	struct stat st;
	int x = 0;

	if (fstat(dir, &st) < 0 || names_list(dir, ".", &names) < 0)
		return -1;
	*r = rights_in(r, &st);
	for (size_t i = 0; i < names.n && x == 0; i++) {
		if (fstatat(dir, names.name[i], &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		what = S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ?
		    rights_fault(r, &st) : NULL;
		if (what)
			x = rights(c, dir, in, names.name[i], what, r);
	}
	names_free(&names);
	return x;
}

/* what is to be where something was set aside */
static int
put_back(struct checker *c, const struct parts_fault *f, struct known *k)
{
	const char *of = strchr(f->in, '/');
	char run[RUN_LEN + 1];

	switch (f->mend) {
	case MEND_DIRECTORY:
		return mkdirat(f->dir, f->name, 0700) < 0 && errno != EEXIST ?
		    -1 : 0;
	case MEND_FILE:
		return make(f->dir, f->name);
	case MEND_KNOWN:
		return k->seen || k->listed ? seen_write(c->sp, f->name, k) : 0;
	case MEND_SLOT:
		snprintf(run, sizeof run, "%.*s",
		    (int)strcspn(f->name, "."), f->name);
		return withdraw_slot(c->sp, of + 1, run, f->what);
	default:
		return 0;
	}
}

static int
check_part(const struct parts_fault *f, void *arg)
{
	struct checker *c = arg;
	struct known k = {0};
	int x = 0;

	if (f->mend == MEND_RIGHTS)
		return rights(c, f->dir, f->in, f->name, f->what, f->rights);
	if (c->repair && f->mend == MEND_KNOWN)
		x = known_dag(&k, c->sp, f->name) < 0 &&
		    !run_damaged(errno) ? -1 : 0;
	if (x == 0)
		x = foreign(c, f->dir, f->in, f->name, f->name, f->what);
	if (x == 0 && c->repair)
		x = put_back(c, f, &k);
	known_free(&k);
	return x;
}

/* in a directory of a run that is being looked at */
static int
check_inner(const struct parts_fault *f, void *arg)
{
	struct checker *c = arg;
	char as[FILE_LEN * 4];

	if (f->mend == MEND_RIGHTS)
		return rights(c, f->dir, f->in, f->name, f->what, f->rights);
	/* not with slashes: DAG@RUN.DIRECTORY.NAME */
	snprintf(as, sizeof as, "%s.%s", f->in + strlen("runs/"), f->name);
	for (char *p = as, at = '@'; (p = strchr(p, '/')); at = '.')
		*p = at;
	return foreign(c, f->dir, f->in, f->name, as, f->what);
}

static bool
has_ended(const struct run *r)
{
	enum run_state s = run_state(r);

	return s == RUN_SUCCESS || s == RUN_FAILED;
}

/* of a locked run; *lost: for what it cannot go on, else FAULT_FOREIGN */
static int
check_locked(struct checker *c, struct run *r, struct rights rights,
    enum fault_kind *lost)
{
	struct faults found = {0};
	char in[FILE_LEN * 2];
	int x = 0, there;

	snprintf(in, sizeof in, "runs/%s/%s", r->dag, r->name);
	if (look_rights(c, r->fd, in, &rights) < 0)
		return -1;
	if (run_plan(r, NULL) < 0) {
		if (!run_damaged(errno))
			return -1;
		/* of a plan that could be read, a list could not */
		*lost = r->plan ? FAULT_LIST : FAULT_PLAN;
	} else
		x = inspect_run(r, &c->queue, &found);
	/* some take runs away without its lock */
	there = x == 0 ? run_in_place(r) : 1;
	if (there < 0)
		x = -1;
	if (there <= 0) {
		*lost = FAULT_FOREIGN;
		found.n = 0;
	}
	if (*lost != FAULT_FOREIGN)
		tell(c, r, &(struct fault){.kind = *lost});
	for (size_t i = 0; i < found.n && x == 0; i++) {
		tell(c, r, &found.f[i]);
		if (found.f[i].kind == FAULT_RECORD)
			*lost = FAULT_RECORD;
		else if (c->repair)
			x = put_right(c, r, &found.f[i]);
	}
	if (x == 0 && c->repair && found.n)
		x = spool_sync(c->sp, r->fd);
	free(found.f);
	if (x < 0 || *lost != FAULT_FOREIGN)
		return x;
	return parts_look_run(r, &rights, has_ended(r), check_inner, c);
}

static int
check_run(struct checker *c, const char *dag, const char *name,
    const struct rights *rights)
{
	enum fault_kind lost = FAULT_FOREIGN;
	struct run r;
	int x;

	if (run_open(c->sp, dag, name, &r) < 0)
		return -1;
	x = run_lock(&r);
	if (x == 0) {
		/* who archives it has its lock, or had it */
		x = run_in_place(&r);
		if (x > 0)
			x = check_locked(c, &r, *rights, &lost);
		run_unlock(&r);
	}
	/* what cannot go on is not mended */
	if (x == 0 && c->repair && lost != FAULT_FOREIGN)
		x = withdraw_run(&r, inspect_words[lost]);
	/* what another run's damage keeps from being decided waits */
	else if (x == 0 && c->repair && eval_run(&r) < 0)
		x = run_damaged(errno) ? 0 : -1;
	run_close(&r);
	return x < 0 ? -1 : 0;
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
			x = foreign(c, c->sp->queue, "queue", name, name,
			    "not a name of ours: DAG@RUN.TASK is");
			continue;
		}
		snprintf(path, sizeof path, "%s/%s", dag, run);
		x = io_exists(c->sp->runs, path);
		if (x < 0 && run_damaged(errno))
			x = 0;
		if (x == 0 && (x = io_exists(c->sp->queue, name)) == 1)
			x = foreign(c, c->sp->queue, "queue", name, name,
			    "a marker without a run");
		else if (x > 0)
			x = 0;
	}
	return x;
}

static int
check_dag(struct checker *c, const char *dag, struct rights rights)
{
	char in[FILE_LEN];
	struct names runs;
	const char *name;
	int dir, x = 0;

	if (!name_ok(dag, strlen(dag)))
		return foreign(c, c->sp->runs, "runs", dag, dag,
		    "not a name of ours: DAG is");
	dir = io_open(c->sp->runs, dag, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0 && (errno == ENOTDIR || errno == ELOOP))
		return foreign(c, c->sp->runs, "runs", dag, dag,
		    inspect_words[FAULT_PLACE]);
	if (dir < 0)
		return errno == ENOENT || closed(c, dir) ? 0 : -1;
	snprintf(in, sizeof in, "runs/%s", dag);
	if (look_rights(c, dir, in, &rights) < 0 ||
	    names_list(dir, ".", &runs) < 0) {
		close(dir);
		return -1;
	}
	for (size_t i = 0; i < runs.n && x == 0; i++) {
		name = runs.name[i];
		if (run_name_parse(name, NULL, NULL, NULL) < 0)
			x = foreign(c, dir, in, name, name,
			    "not a name of ours: RUN is");
		else if ((x = is_directory(dir, name)) > 0)
			x = check_run(c, dag, name, &rights);
		else if (x == 0)
			x = foreign(c, dir, in, name, name,
			    inspect_words[FAULT_PLACE]);
		if (closed(c, x) || (x < 0 && errno == ENOENT))
			x = 0;
		if (c->looked)
			c->looked(c->arg);
	}
	names_free(&runs);
	close(dir);
	return x;
}

int
check_spool(struct spool *sp, bool repair,
    void (*tell_of)(const char *, const char *, void *),
    void (*looked)(void *), void *arg, bool *refused)
{
	struct checker c = {.sp = sp, .repair = repair, .tell = tell_of,
	    .looked = looked, .arg = arg};
	struct rights root, in_queue, in_runs;
	struct names dags = {0};
	int x;

	x = rights_begin(&root, sp);
	in_queue = in_runs = root;
	if (x == 0)
		x = parts_look(sp, check_part, &c);
	if (x == 0)
		x = look_rights(&c, sp->queue, "queue", &in_queue);
	if (x == 0)
		x = look_rights(&c, sp->runs, "runs", &in_runs);
	if (x == 0)
		x = names_list(sp->fd, "queue", &c.queue);
	if (x == 0)
		x = names_list(sp->fd, "runs", &dags);
	if (x == 0)
		x = check_queue(&c);
	for (size_t i = 0; i < dags.n && x == 0; i++)
		x = check_dag(&c, dags.name[i], in_runs);
	tell_rest(&c);
	if (x == 0 && repair && c.count)
		x = spool_sync_all(sp);
	names_free(&dags);
	names_free(&c.queue);
	*refused = c.refused;
	return x < 0 ? -1 : c.count;
}
