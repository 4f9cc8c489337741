/* retire: whole runs leave runs/ for their archive, and come back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "io.h"
#include "retire.h"

/*
 * All that is ours in tmp/ is called archive.PID…, and locked as long as we
 * live: a file on byte 0, a directory by flock(2), which it keeps from when it
 * was a run. What is there is either not published yet, or is archived.
 */
static const char prefix[] = "archive.";

/* a name in tmp/ that is free */
static int
tmp_name(struct spool *sp, char name[40])
{
	for (unsigned k = 0; k < 1000; k++) {
		snprintf(name, 40, "%s%ld.%u", prefix, (long)getpid(), k);
		if (faccessat(sp->tmp, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			return errno == ENOENT ? 0 : -1;
	}
	errno = EEXIST;
	return -1;
}

/* removes a directory in tmp/: its files, and those of its directories */
static int
remove_dir(int tmp, const char *name)
{
	static const char *const inner[] = { "log", "map", "out", "." };
	struct names names;
	int top, dir, x = 0;

	top = io_open(tmp, name, O_RDONLY | O_DIRECTORY, 0);
	if (top < 0)
		return -1;
	for (size_t i = 0; i < sizeof inner / sizeof *inner && x == 0; i++) {
		dir = io_open(top, inner[i], O_RDONLY | O_DIRECTORY, 0);
		if (dir < 0)
			continue;
		if (names_list(dir, ".", &names) < 0) {
			close(dir);
			break;
		}
		for (size_t k = 0; k < names.n; k++)
			unlinkat(dir, names.name[k], 0);
		names_free(&names);
		close(dir);
		if (inner[i][0] != '.')
			unlinkat(top, inner[i], AT_REMOVEDIR);
	}
	close(top);
	return unlinkat(tmp, name, AT_REMOVEDIR);
}

/* deletes what was packed, and nothing that came since */
static int
remove_packed(const struct run *r, const struct archive_list *l,
    const char *name)
{
	static const char *const inner[] = { "log", "map", "out" };
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
			for (size_t k = 0; k < 3; k++)
				if (strncmp(path, inner[k], n) == 0)
					dir = io_open(r->fd, inner[k],
					    O_RDONLY | O_DIRECTORY, 0);
		}
		if (dir >= 0)
			unlinkat(dir, path + n + 1, 0);
	}
	if (dir >= 0)
		close(dir);
	for (size_t k = 0; k < 3; k++)
		unlinkat(r->fd, inner[k], AT_REMOVEDIR);
	return unlinkat(r->spool->tmp, name, AT_REMOVEDIR);
}

/* one leftover, unless its maker lives */
static int
clean(int tmp, const char *name)
{
	struct stat st;
	int fd, x = 0;

	if (fstatat(tmp, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	fd = io_open(tmp, name, S_ISDIR(st.st_mode) ?
	    O_RDONLY | O_DIRECTORY : O_RDWR | O_NONBLOCK, 0);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (S_ISDIR(st.st_mode)) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			x = remove_dir(tmp, name);
	} else if (io_lock(fd, 0, false) == 0)
		x = unlinkat(tmp, name, 0);
	close(fd);
	return x < 0 && errno != ENOENT ? -1 : 0;
}

int
retire_clean(struct spool *sp)
{
	struct names names;
	int x = 0, e;

	if (names_list(sp->tmp, ".", &names) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (strncmp(names.name[i], prefix, strlen(prefix)) == 0 &&
		    clean(sp->tmp, names.name[i]) < 0)
			x = -1;
	e = errno;
	names_free(&names);
	errno = e;
	return x;
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

/* the run is locked, and so is runs/DAG, which is dirfd */
static int
retire_locked(struct run *r, int dirfd, struct buf *why)
{
	struct archive_list list = {NULL, 0};
	char name[40];
	int x = -1, e;

	if (!still_there(dirfd, r)) {
		errno = ENOENT;
		return -1;
	}
	if (check_ended(r, why) < 0)
		return -1;
	if (archive_pack(r, &list, why) == 0 &&
	    tmp_name(r->spool, name) == 0 &&
	    renameat2(dirfd, r->name, r->spool->tmp, name,
	    RENAME_NOREPLACE) == 0) {
		x = r->spool->durable ? fsync(dirfd) : 0;
		/* what is left of it in tmp/ does no harm */
		if (x == 0 && remove_packed(r, &list, name) < 0 &&
		    (errno == ENOTEMPTY || errno == EEXIST)) {
			buf_fmt(why, "files came into it meanwhile; they are "
			    "in tmp/%s", name);
			x = 0;
		}
	}
	e = errno;
	archive_list_free(&list);
	errno = e;
	return x;
}

int
retire_run(struct spool *sp, const char *dag, const char *run, struct buf *why)
{
	struct run r;
	int dirfd, x = -1, e;

	/* dag_lock makes runs/DAG: not for a DAG that is not there */
	if (run_open(sp, dag, run, &r) < 0)
		return -1;
	retire_clean(sp);
	dirfd = dag_lock(sp, dag);
	if (dirfd >= 0 && run_lock(&r) == 0)
		x = retire_locked(&r, dirfd, why);
	e = errno;
	run_close(&r);
	if (dirfd >= 0)
		close(dirfd);
	errno = e;
	return x;
}

struct unpack {
	int top;
	struct buf *why;
	unsigned markers, states, records;	/* what there is */
};

/* log/NAME, map/NAME, out/NAME, or NAME: where its last part begins; 0: it
 * is no part of a run */
static size_t
base_of(const char *path)
{
	size_t n = strcspn(path, "/");

	if (!path[n])
		return 0;
	return n == 3 && !strchr(path + 4, '/') &&
	    (strncmp(path, "log", 3) == 0 || strncmp(path, "map", 3) == 0 ||
	    strncmp(path, "out", 3) == 0) ? 4 : SIZE_MAX;
}

/* a look at each member, before the first is written */
static int
survey(const struct tar_member *m, void *arg)
{
	struct unpack *u = arg;
	char task[TASK_LEN + 1];
	struct instance in;

	if (base_of(m->name) == SIZE_MAX) {
		buf_fmt(u->why, "%s: not a part of a run", m->name);
		errno = EBADMSG;
		return -1;
	}
	u->records += strcmp(m->name, "run") == 0;
	u->states += m->name[0] == '@';
	u->markers += marker_parse(m->name, task, &in) == 0 &&
	    !strchr(task, '+');
	return 0;
}

/* the directory of a member, made if need be */
static int
place(const struct unpack *u, const char *path, size_t base)
{
	char dir[4] = ".";

	if (base == 0)
		return io_open(u->top, dir, O_RDONLY | O_DIRECTORY, 0);
	memcpy(dir, path, 3);
	return io_make_dir(u->top, ".", dir, false);
}

static int
unpack(const struct tar_member *m, void *arg)
{
	const struct unpack *u = arg;
	size_t base = base_of(m->name);
	char chunk[16384];
	ssize_t n = -1;
	int dir = base == SIZE_MAX ? -1 : place(u, m->name, base), fd, e;
	bool plan = strcmp(m->name, "plan") == 0;

	if (dir < 0)
		return -1;
	fd = io_open(dir, m->name + base, O_WRONLY | O_CREAT | O_EXCL,
	    plan ? 0400 : 0600);
	if (fd >= 0) {
		while ((n = tar_read(m, chunk, sizeof chunk)) > 0)
			if (write_all(fd, chunk, (size_t)n) < 0)
				break;
		if (n == 0 && marker_due(fd, m->mtime) < 0)
			n = -1;
	} else if (errno == EEXIST) {
		buf_fmt(u->why, "%s is in it twice", m->name);
		errno = EBADMSG;
	}
	e = errno;
	if (fd >= 0)
		close(fd);
	close(dir);
	errno = e;
	return n == 0 ? 0 : -1;
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
	if ((r->spool->durable && syncfs(r->fd) < 0) ||
	    renameat2(r->spool->tmp, name, dirfd, r->name,
	    RENAME_NOREPLACE) < 0)
		return -1;
	return r->spool->durable ? fsync(dirfd) : 0;
}

static int
restore_locked(struct spool *sp, int dirfd, struct run *r, struct buf *why)
{
	char name[40];
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
		remove_dir(sp->tmp, name);
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
