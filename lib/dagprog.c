/* dagprog: DAG files that are programs: what they print is the definition. */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "dagcache.h"
#include "dagprog.h"
#include "dagtext.h"

enum {
	RUN_MS = 10000,		/* a program may run, at most */
	SETTLE_MS = 20,		/* longer than a tick of the file system */
};

bool
dagprog_is(int fd, const struct stat *st)
{
	char magic[2];

	return (st->st_mode & 0111) && pread(fd, magic, 2, 0) == 2 &&
	    memcmp(magic, "#!", 2) == 0;
}

/* milliseconds of the clock that files are stamped with */
static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * Waits until a change from now on would give the file another ctime: else
 * what is kept in the cache could be of the version before it.
 */
static int
settle(int fd, struct stat *st)
{
	int64_t age = now() - (int64_t)st->st_ctim.tv_sec * 1000
	    - st->st_ctim.tv_nsec / 1000000;

	if (age >= 0 && age < SETTLE_MS)
		poll(NULL, 0, (int)(SETTLE_MS - age));
	return fstat(fd, st);
}

/* may it be run? 0, or 1 and why not */
static int
check_owner(const struct stat *st, struct buf *why)
{
	if (st->st_uid != geteuid() && st->st_uid != 0)
		buf_str(why, "it is a program, and belongs neither to you "
		    "nor to root");
	else if (st->st_mode & 022)
		buf_fmt(why, "it is a program, and others than its owner can "
		    "write it (mode %04o)", (unsigned)st->st_mode & 07777);
	return why->n ? 1 : 0;
}

/* how it ended, in words; 0 well, 1 not */
static int
judge(int how, int status, struct buf *why)
{
	if (how == CAPTURE_TOO_LONG)
		buf_fmt(why, "the program ran for more than %d s and was "
		    "killed", RUN_MS / 1000);
	else if (how == CAPTURE_TOO_MUCH)
		buf_str(why, "the program printed more than 256 MiB");
	else if (WIFSIGNALED(status))
		buf_fmt(why, "the program was killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		buf_fmt(why, "the program ended with exit code %d",
		    WEXITSTATUS(status));
	return why->n ? 1 : 0;
}

static int
refused(int error, struct buf *why)
{
	if (error == EAGAIN || error == ENOMEM || error == EMFILE ||
	    error == ENFILE) {
		errno = error;
		return -1;
	}
	buf_fmt(why, "the program cannot be run: %s%s", strerror(error),
	    error == ENOENT ? " (the interpreter in its first line?)" : "");
	return 1;
}

static int
run(const char *path, struct buf *out, struct buf *why)
{
	const char *const argv[] = {path, NULL};
	struct capture c = { .argv = argv, .ms = RUN_MS, .max = DAGTEXT_MAX };
	struct buf dir = BUF_INIT;
	int how = -1, status;

	buf_add(&dir, path, (size_t)(strrchr(path, '/') - path) + 1);
	c.dir = buf_cstr(&dir);
	if (dir.err)
		errno = dir.err;
	else
		how = capture_run(&c, out, &status);
	buf_free(&dir);
	if (how < 0)
		return -1;
	return how == CAPTURE_NOT ? refused(status, why) :
	    judge(how, status, why);
}

int
dagprog_read(const char *path, int fd, struct buf *out, struct buf *why)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -1;
	if (check_owner(&st, why))
		return 1;
	if (dagcache_get(path, &st, out) == 0)
		return 0;
	if (settle(fd, &st) < 0)
		return -1;
	if (check_owner(&st, why))
		return 1;
	r = run(path, out, why);
	if (r == 0)
		dagcache_put(path, &st, out->p, out->n);
	return r;
}
