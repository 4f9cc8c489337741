/* attempt: one try at a task: claimed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attempt.h"
#include "io.h"
#include "num.h"
#include "outdir.h"
#include "rec.h"
#include "spawn.h"

enum {
	MARKER_MAX = 64 << 20,
};

unsigned
attempt_limit(const struct run *r, uint32_t task)
{
	return plan_yes(r->plan, task, "once") ? 1 :
	    1 + (unsigned)plan_number(r->plan, task, "retries", 0);
}

static enum claim
take_pool(struct attempt *a)
{
	struct buf b = BUF_INIT;
	const char *pool = plan_get(a->run->plan, a->task, "pool", &b);
	int x = pool ? pool_take(a->run->spool, pool, &a->pool) : -b.err;

	if (b.err)
		errno = b.err;
	buf_free(&b);
	if (x == 0)
		return CLAIM_OK;
	return errno == EAGAIN || errno == ENOENT ? CLAIM_FULL : CLAIM_ERROR;
}

/* opens and locks the marker, and checks that it is still there */
static enum claim
take_marker(struct attempt *a, struct instance from)
{
	char file[FILE_LEN];
	int dir = marker_place(a->run, a->name, from, file);
	struct stat mine, named;
	struct buf text = BUF_INIT;
	bool torn;

	a->fd = io_open_stat(dir, file, O_RDWR | O_APPEND, 0, &mine);
	if (a->fd < 0)
		return errno == ENOENT ? CLAIM_GONE : CLAIM_ERROR;
	if (io_lock(a->fd, 0, false) < 0)
		return errno == EAGAIN ? CLAIM_LATER : CLAIM_ERROR;
	/* as it is now that it is locked: a claim before may have ended */
	if (fstatat(dir, file, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
	    mine.st_ino != named.st_ino)
		return CLAIM_GONE;
	if (named.st_mtime > clock_seconds())
		return CLAIM_LATER;
	a->written = named.st_size;
	a->before = (struct marker_sum){0};
	if (named.st_size == 0)
		return CLAIM_OK;
	if (buf_read(&text, a->fd, MARKER_MAX) < 0) {
		buf_free(&text);
		return CLAIM_ERROR;
	}
	torn = text.p[text.n - 1] != '\n';
	marker_sum(buf_cstr(&text), &a->before);
	buf_free(&text);
	return torn && marker_mend(a->fd) < 0 ? CLAIM_ERROR : CLAIM_OK;
}

static int
make_log(const struct run *r)
{
	return mkdirat(r->fd, "log", 0700) < 0 && errno != EEXIST ? -1 : 0;
}

/* each time that a run is opened: that log/ is there does not say that it is,
 * once the power has failed. A task writes there by a path, which would follow
 * a link */
static int
make_out(struct run *r)
{
	struct stat st;

	if (r->out)
		return 0;
	if (mkdirat(r->fd, "out", 0700) < 0) {
		if (errno != EEXIST || fstatat(r->fd, "out", &st,
		    AT_SYMLINK_NOFOLLOW) < 0)
			return -1;
		errno = ENOTDIR;
		if (!S_ISDIR(st.st_mode))
			return -1;
	}
	r->out = true;
	return 0;
}

int
attempt_expect(struct run *r)
{
	return make_out(r) < 0 || make_log(r) < 0 ? -1 : 0;
}

/* the log says which attempts there were, should the marker have lost it */
static enum claim
open_log(struct attempt *a)
{
	char file[FILE_LEN];
	int flags = O_WRONLY | O_APPEND | O_CREAT;

	a->look = a->before.poking;
	a->n = a->look ? a->before.attempt : a->before.attempt + 1;
	for (;;) {
		snprintf(file, sizeof file, "log/%s.%u", a->name, a->n);
		/* a new one is a plain file; what a look finds may not be */
		a->log = a->look ? io_open_file(a->run->fd, file, flags, 0600) :
		    io_open(a->run->fd, file, flags | O_EXCL, 0600);
		if (a->log >= 0)
			return CLAIM_OK;
		if (errno == EEXIST) {
			a->n++;
			continue;
		}
		if (errno != ENOENT || make_log(a->run) < 0)
			return CLAIM_ERROR;
	}
}

/*
 * What an attempt before this one left in out/ is not this one's. Of a first
 * one there is none, unless the power failed, and its values are all that was
 * on disk: that is asked with one call.
 */
static int
drop_values(struct attempt *a)
{
	char file[TASK_LEN + 8];
	int out, x, e;

	snprintf(file, sizeof file, "out/%s", a->name);
	if (a->n == 1 && !a->look && io_exists(a->run->fd, file) == 0)
		return 0;
	out = io_open(a->run->fd, "out", O_RDONLY | O_DIRECTORY, 0);

	if (out < 0)
		return run_damaged(errno) ? 0 : -1;
	x = unlinkat(out, a->name, 0);
	e = errno;
	close(out);
	errno = e;
	return x < 0 && errno != ENOENT && errno != EISDIR ? -1 : 0;
}

int
attempt_fresh(struct attempt *a)
{
	if (drop_values(a) < 0)
		return -1;
	return outdir_wanted(a->run->plan, a->task) ?
	    outdir_make(a->run, a->name, a->n) : 0;
}

static int
move_back(struct attempt *a, struct instance to)
{
	char file[FILE_LEN];
	int e = errno, x;

	snprintf(file, sizeof file, "log/%s.%u", a->name, a->n);
	if (!a->look)
		io_unlink(a->run->fd, file);
	x = task_move(a->run, a->name, (struct instance){STATE_RUNNING, a->n},
	    to);
	errno = e;
	return x;
}

int
attempt_back(struct attempt *a)
{
	return move_back(a, (struct instance){STATE_READY, 0});
}

/* what a task needs once it is running */
static int
prepare(struct attempt *a, struct instance running)
{
	char file[FILE_LEN];
	int dir = marker_place(a->run, a->name, running, file);

	a->childfd = io_open(dir, file, O_RDONLY, 0);
	if (a->childfd < 0 || io_lock(a->childfd, 1, true) < 0 ||
	    (!target_any(a->run->plan) && attempt_fresh(a) < 0))
		return -1;
	return plan_yes(a->run->plan, a->task, "once") &&
	    (spool_sync(a->run->spool, a->fd) < 0 ||
	    spool_sync(a->run->spool, a->run->fd) < 0 ||
	    spool_sync(a->run->spool, a->run->spool->queue) < 0) ? -1 : 0;
}

static enum claim
move_in(struct attempt *a, struct instance from)
{
	struct instance running = {STATE_RUNNING, a->n};
	int there;

	if (task_move(a->run, a->name, from, running) < 0)
		return errno == ENOENT || errno == EEXIST ? CLAIM_GONE :
		    CLAIM_ERROR;
	there = run_in_place(a->run);
	if (there > 0 && prepare(a, running) == 0)
		return CLAIM_OK;
	if (move_back(a, from) < 0)
		return CLAIM_LOST;
	return there == 0 ? CLAIM_GONE : CLAIM_ERROR;
}

enum claim
attempt_claim(struct attempt *a, struct run *r, uint32_t task,
    enum state state, struct buf *why)
{
	const char *fault = "its pool is not a directory";
	struct instance from = {state, 0};
	enum claim c;
	int e;

	*a = (struct attempt){.run = r, .task = task, .fd = -1, .childfd = -1,
	    .log = -1};
	plan_name(r->plan, task, a->name);
	c = take_pool(a);
	if (c == CLAIM_OK) {
		fault = "its marker is not a plain file";
		c = take_marker(a, from);
	}
	if (c == CLAIM_OK) {
		fault = "its run's out is not a directory";
		c = make_out(a->run) < 0 ? CLAIM_ERROR : CLAIM_OK;
	}
	if (c == CLAIM_OK) {
		fault = "its log is not a plain file";
		c = open_log(a);
	}
	if (c == CLAIM_OK)
		c = move_in(a, from);
	else if (c == CLAIM_ERROR && run_damaged(errno))
		c = CLAIM_BAD;	/* to try again does not help */
	if (c == CLAIM_BAD)
		buf_fmt(why, "%s/%s/%s: %s", r->dag, r->name, a->name, fault);
	if (c != CLAIM_OK) {
		e = errno;
		attempt_close(a);
		errno = e;
	}
	return c;
}

void
attempt_close(struct attempt *a)
{
	int fd[] = {a->log, a->childfd, a->fd};

	pool_give(&a->pool);
	for (size_t i = 0; i < sizeof fd / sizeof *fd; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	a->log = a->childfd = a->fd = -1;
}
