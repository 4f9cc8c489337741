/* dagprog: DAG files that are programs: what they print is the definition. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dagcache.h"
#include "dagprog.h"
#include "dagtext.h"

enum {
	RUN_MS = 10000,		/* a program may run, at most */
	SETTLE_MS = 20,		/* longer than a tick of the file system */
};

enum outcome { ENDED, TOO_LONG, TOO_MUCH, FAILED };

bool
dagprog_is(int fd, const struct stat *st)
{
	char magic[2];

	return (st->st_mode & 0111) && pread(fd, magic, 2, 0) == 2 &&
	    memcmp(magic, "#!", 2) == 0;
}

/* milliseconds on a clock */
static int64_t
now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * Waits until a change from now on would give the file another ctime: else
 * what is kept in the cache could be of the version before it.
 */
static int
settle(int fd, struct stat *st)
{
	int64_t age = now(CLOCK_REALTIME) - (int64_t)st->st_ctim.tv_sec * 1000
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

/* starts it in its directory and its own process group; an errno, or 0 */
static int
spawn(const char *path, int out, pid_t *pid)
{
	char *argv[] = {(char *)(uintptr_t)path, NULL};
	posix_spawn_file_actions_t fa;
	struct buf dir = BUF_INIT;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	buf_add(&dir, path, (size_t)(strrchr(path, '/') - path) + 1);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	r = posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&fa, out, 1);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(&fa, 3);
	if (r == 0)
		r = posix_spawn_file_actions_addchdir_np(&fa, buf_cstr(&dir));
	if (r == 0)
		r = dir.err;
	if (r == 0)
		r = posix_spawn(pid, path, &fa, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	buf_free(&dir);
	return r;
}

/* reads what is there; 1: there may be more, 0: the end, -1 */
static int
drain(int fd, struct buf *out)
{
	ssize_t r;

	for (;;) {
		if (buf_need(out, 65536) < 0)
			return -1;
		r = read(fd, out->p + out->n, 65536);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return errno == EAGAIN ? 1 : -1;
		if (r == 0)
			return 0;
		out->n += (size_t)r;
		if (out->n > DAGTEXT_MAX)
			return 1;
	}
}

/* reads until the program itself has ended, or is to be killed */
static enum outcome
collect(int fd, int pidfd, struct buf *out)
{
	struct pollfd p[2] = {{.fd = pidfd, .events = POLLIN},
	    {.fd = fd, .events = POLLIN}};
	int64_t end = now(CLOCK_MONOTONIC) + RUN_MS, left;
	int r;

	for (;;) {
		left = end - now(CLOCK_MONOTONIC);
		if (left <= 0)
			return TOO_LONG;
		r = poll(p, 2, (int)left);
		if (r < 0 && errno != EINTR)
			return FAILED;
		if (r <= 0)
			continue;
		r = p[1].fd < 0 ? 0 : drain(fd, out);
		if (r < 0)
			return FAILED;
		if (r == 0)
			p[1].fd = -1;
		if (out->n > DAGTEXT_MAX)
			return TOO_MUCH;
		if (p[0].revents)
			return ENDED;
	}
}

/* how it ended, in words; 0 well, 1 not */
static int
judge(enum outcome how, int status, struct buf *why)
{
	if (how == TOO_LONG)
		buf_fmt(why, "the program ran for more than %d s and was "
		    "killed", RUN_MS / 1000);
	else if (how == TOO_MUCH)
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

/* waits for its end, with whatever it has started in its group killed */
static int
supervise(pid_t pid, int fd, struct buf *out, struct buf *why)
{
	int pidfd = pidfd_open(pid, 0), status = 0, saved;
	enum outcome how = pidfd < 0 ? FAILED : collect(fd, pidfd, out);

	saved = errno;
	kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		close(pidfd);
	errno = saved;
	return how == FAILED ? -1 : judge(how, status, why);
}

static int
run(const char *path, struct buf *out, struct buf *why)
{
	int fd[2], r;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	r = spawn(path, fd[1], &pid);
	close(fd[1]);
	if (r == 0 && fcntl(fd[0], F_SETFL, O_NONBLOCK) < 0)
		r = errno;	/* cannot happen; the program gets SIGPIPE */
	r = r ? refused(r, why) : supervise(pid, fd[0], out, why);
	close(fd[0]);
	return r;
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
