/* retire: whole runs leave runs/ for their archive, and come back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "io.h"
#include "retire.h"
#include "tree.h"
#include "unpack.h"
#include "who.h"

enum { RETIRE_BATCH = 64 };	/* runs that share their syncs */

/* a name in tmp/ that is free */
static int
tmp_name(struct spool *sp, char name[64])
{
	for (unsigned k = 0; k < 1000; k++) {
		snprintf(name, 64, "archive.%s.%u", who_self(), k);
		if (faccessat(sp->tmp, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			return errno == ENOENT ? 0 : -1;
	}
	errno = EEXIST;
	return -1;
}

/* the directories in files/, which are empty by now */
static void
remove_dirs(const struct run *r)
{
	int fd = io_open(r->fd, "files", O_RDONLY | O_DIRECTORY, 0);
	struct names in;

	if (fd < 0)
		return;
	if (names_list(fd, ".", &in) == 0) {
		for (size_t i = 0; i < in.n; i++)
			unlinkat(fd, in.name[i], AT_REMOVEDIR);
		names_free(&in);
	}
	close(fd);
}

/* deletes what was packed, and nothing that came since */
static int
remove_packed(const struct run *r, const struct archive_list *l,
    const char *name)
{
	static const char *const inner[] = { "log", "map", "out", "files" };
	const char *path;
	size_t n;
	int dir = -1;

	for (size_t i = 0; i < l->n; i++) {
		path = l->item[i].path;
		n = strcspn(path, "/");
		if (!path[n]) {
			unlinkat(r->fd, path, 0);
			continue;
		}
		/* items come grouped by directory */
		if (i == 0 || strncmp(path, l->item[i - 1].path, n + 1) != 0) {
			if (dir >= 0)
				close(dir);
			dir = -1;
			for (size_t k = 0; k < 4; k++)
				if (strlen(inner[k]) == n &&
				    strncmp(path, inner[k], n) == 0)
					dir = io_open(r->fd, inner[k],
					    O_RDONLY | O_DIRECTORY, 0);
		}
		if (dir >= 0)
			unlinkat(dir, path + n + 1, 0);
	}
	if (dir >= 0)
		close(dir);
	remove_dirs(r);
	for (size_t k = 0; k < 4; k++)
		unlinkat(r->fd, inner[k], AT_REMOVEDIR);
	/* who ended which attempt is not packed: that is over */
	if (tree_remove(r->fd, "fate") < 0)
		return -1;
	return unlinkat(r->spool->tmp, name, AT_REMOVEDIR);
}

/* has a locked run ended, with every task of it? */
static int
check_ended(struct run *r, struct buf *why)
{
	struct instance *inst;
	enum run_state s = run_state(r);
	char task[TASK_LEN + 1];
	int x;

	if (s != RUN_SUCCESS && s != RUN_FAILED) {
		if (s == RUN_NONE)
			buf_str(why, "it has no state");
		else
			buf_fmt(why, "it is %s", run_state_name(s));
		errno = EBUSY;
		return -1;
	}
	if (run_plan(r, why) < 0)
		return -1;
	inst = malloc(r->plan->n * sizeof *inst);
	x = inst ? run_states(r, inst) : -1;
	for (uint32_t t = 0; x == 0 && t < r->plan->n; t++)
		if (!state_ended(inst[t].state)) {
			buf_fmt(why, "its task %s is %s", plan_name(r->plan, t,
			    task), state_name(inst[t].state));
			errno = EBUSY;
			x = -1;
		}
	free(inst);
	return x;
}

/* is the run still what its name in runs/DAG says? */
static bool
still_there(int dirfd, const struct run *r)
{
	struct stat st;

	return fstatat(dirfd, r->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == r->ino;
}

/* a run on its way: error once that has failed */
struct leaving {
	struct run r;
	struct archive_packed packed;
	struct buf why;
	int error;
};

/* one step of it, if it has come so far */
#define STEP(l, call) \
	do { \
		if (!(l)->error && (call) < 0) \
			(l)->error = errno; \
	} while (0)

/* opens and locks a run, beneath runs/DAG, and packs it */
static int
begin(struct leaving *l, struct spool *sp, const char *dag, const char *run,
    int dirfd, unsigned k)
{
	if (run_open(sp, dag, run, &l->r) < 0 || run_lock(&l->r) < 0)
		return -1;
	if (!still_there(dirfd, &l->r)) {
		errno = ENOENT;
		return -1;
	}
	return check_ended(&l->r, &l->why) < 0 ? -1 :
	    archive_pack(&l->r, k, &l->packed, &l->why);
}

/* out of runs/, into tmp/, where it may be deleted */
static int
leave(struct leaving *l, int dirfd, char name[64])
{
	return tmp_name(l->r.spool, name) < 0 ? -1 : io_place(dirfd,
	    l->r.name, l->r.spool->tmp, name);
}

/*
 * Each step for all of them, then a sync of it. runs/DAG is locked: dirfd.
 */
static void
retire_batch(struct spool *sp, const char *dag, const char *const *run,
    size_t n, int dirfd, struct leaving *l)
{
	char away[RETIRE_BATCH][64];
	int shelf = archive_shelf(sp, dag), e = shelf < 0 ? errno : 0;

	for (size_t i = 0; i < n; i++) {
		l[i] = (struct leaving){.r = {.fd = -1}, .packed = {.fd = -1},
		    .error = e};
		STEP(&l[i], begin(&l[i], sp, dag, run[i], dirfd, (unsigned)i));
	}
	e = n == 1 ? l->error || spool_sync(sp, l->packed.fd) == 0 ? 0 :
	    errno : spool_sync_all(sp) == 0 ? 0 : errno;
	for (size_t i = 0; i < n; i++) {
		l[i].error = l[i].error ? l[i].error : e;
		STEP(&l[i], archive_publish(&l[i].r, &l[i].packed, shelf,
		    &l[i].why));
	}
	e = shelf < 0 || spool_sync(sp, shelf) == 0 ? 0 : errno;
	for (size_t i = 0; i < n; i++) {
		l[i].error = l[i].error ? l[i].error : e;
		STEP(&l[i], leave(&l[i], dirfd, away[i]));
	}
	e = spool_sync(sp, dirfd) == 0 ? 0 : errno;
	for (size_t i = 0; i < n; i++) {
		l[i].error = l[i].error ? l[i].error : e;
		/* what is left of it in tmp/ does no harm */
		if (!l[i].error && remove_packed(&l[i].r, &l[i].packed.list,
		    away[i]) < 0 && (errno == ENOTEMPTY || errno == EEXIST))
			buf_fmt(&l[i].why, "files came into it meanwhile; they "
			    "are in tmp/%s", away[i]);
	}
	if (shelf >= 0)
		close(shelf);
}

int
retire_runs(struct spool *sp, const char *dag, const char *const *run,
    size_t n, void (*told)(const char *dag, const char *run, int error,
    const char *why, void *), void *arg)
{
	struct leaving *l = calloc(RETIRE_BATCH, sizeof *l);
	size_t part;
	int dirfd = -1;

	if (!l)
		return -1;
	for (; n > 0; run += part, n -= part) {
		part = n < RETIRE_BATCH ? n : RETIRE_BATCH;
		if ((dirfd = dag_lock(sp, dag)) < 0)
			break;
		retire_batch(sp, dag, run, part, dirfd, l);
		close(dirfd);
		for (size_t i = 0; i < part; i++) {
			archive_drop(sp, &l[i].packed);
			run_close(&l[i].r);
			told(dag, run[i], l[i].error, l[i].why.n ?
			    buf_cstr(&l[i].why) : NULL, arg);
			buf_free(&l[i].why);
		}
	}
	free(l);
	return dirfd < 0 ? -1 : 0;
}

int
retire_check(struct spool *sp, const char *dag, const char *run,
    struct buf *why)
{
	struct run r;
	int x, e;

	if (run_open(sp, dag, run, &r) < 0)
		return -1;
	x = check_ended(&r, why);
	e = errno;
	run_close(&r);
	errno = e;
	return x;
}

struct outcome_of {
	int error;
	struct buf *why;
};

static void
keep_outcome(const char *dag, const char *run, int error, const char *why,
    void *arg)
{
	struct outcome_of *o = arg;

	(void)dag;
	(void)run;
	o->error = error;
	if (why)
		buf_str(o->why, why);
}

int
retire_run(struct spool *sp, const char *dag, const char *run, struct buf *why)
{
	struct outcome_of o = {0, why};
	struct run r;

	/* dag_lock makes runs/DAG: not for a DAG that is not there */
	if (run_open(sp, dag, run, &r) < 0)
		return -1;
	run_close(&r);
	if (retire_runs(sp, dag, &run, 1, keep_outcome, &o) < 0)
		return -1;
	errno = o.error;
	return o.error ? -1 : 0;
}

struct unpack {
	int top;
	struct buf *why;
	unsigned markers, states, records;	/* what there is */
};

/* a look at each member, before the first is written */
static int
survey(const struct tar_member *m, void *arg)
{
	struct unpack *u = arg;
	char task[TASK_LEN + 1];
	struct instance in;

	if (unpack_base(m->name) == SIZE_MAX) {
		buf_fmt(u->why, "%s: not a part of a run", m->name);
		errno = EBADMSG;
		return -1;
	}
	u->records += strcmp(m->name, "run") == 0;
	u->states += m->name[0] == '@';
	u->markers += marker_parse(m->name, task, &in) == 0;
	return 0;
}

int
retire_sound(struct spool *sp, const char *dag, const char *run)
{
	struct buf why = BUF_INIT;
	struct unpack u = {.why = &why};
	int x = archive_each(sp, dag, run, survey, &u, &why);

	buf_free(&why);
	/* without its library it cannot be told */
	return x < 0 ? errno == ENOPKG ? 1 : -1 :
	    u.markers > 0 && u.states == 1 && u.records == 1;
}

static int
unpack(const struct tar_member *m, void *arg)
{
	const struct unpack *u = arg;

	return unpack_member(u->top, m, m->name, u->why);
}

/* unpacks into tmp/NAME, checks that it is a run, and puts it into dirfd */
static int
bring_back(struct run *r, int dirfd, const char *name, struct buf *why)
{
	struct unpack u = { .top = r->fd, .why = why };

	if (archive_each(r->spool, r->dag, r->name, survey, &u, why) < 0 ||
	    archive_each(r->spool, r->dag, r->name, unpack, &u, why) < 0 ||
	    check_ended(r, why) < 0)
		return -1;
	if (u.markers != r->plan->n || u.states != 1 || u.records != 1) {
		buf_fmt(why, "it has %u markers for %u tasks, %u states and %u "
		    "records of the run", u.markers, (unsigned)r->plan->n,
		    u.states, u.records);
		errno = EBADMSG;
		return -1;
	}
	if (spool_sync_all(r->spool) < 0 ||
	    io_place(r->spool->tmp, name, dirfd, r->name) < 0)
		return -1;
	return spool_sync(r->spool, dirfd);
}

static int
restore_locked(struct spool *sp, int dirfd, struct run *r, struct buf *why)
{
	char name[64];
	int x = -1, e;

	if (faccessat(dirfd, r->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	if (tmp_name(sp, name) < 0 || mkdirat(sp->tmp, name, 0700) < 0)
		return -1;
	r->fd = io_open(sp->tmp, name, O_RDONLY | O_DIRECTORY, 0);
	if (r->fd >= 0 && run_lock(r) == 0)
		x = bring_back(r, dirfd, name, why);
	e = errno;
	run_close(r);
	if (x < 0)
		tree_remove(sp->tmp, name);
	errno = e;
	return x;
}

int
retire_restore(struct spool *sp, const char *dag, const char *run,
    struct buf *why)
{
	struct run r = { .spool = sp, .fd = -1 };
	int dirfd, x, e;

	if (!name_ok(dag, strlen(dag)) || strlen(run) > RUN_LEN ||
	    run_name_parse(run, NULL, NULL, NULL) < 0 ||
	    !archive_exists(sp, dag, run)) {
		errno = ENOENT;
		return -1;
	}
	snprintf(r.dag, sizeof r.dag, "%s", dag);
	snprintf(r.name, sizeof r.name, "%s", run);
	dirfd = dag_lock(sp, dag);
	if (dirfd < 0)
		return -1;
	x = restore_locked(sp, dirfd, &r, why);
	e = errno;
	close(dirfd);
	errno = e;
	return x;
}
