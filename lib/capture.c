/* capture: another program, and what it prints within a time. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"

/* milliseconds, on a clock that only goes forward */
static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* what it has as stdin: a file, so nobody has to wait to write it */
static int
input(const char *text)
{
	size_t n = strlen(text);
	int fd = memfd_create("capture", MFD_CLOEXEC), e;

	if (fd < 0)
		return -1;
	if (write_all(fd, text, n) == 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

/* the descriptors and the directory that it has; an errno, or 0 */
static int
prepare(posix_spawn_file_actions_t *fa, const struct capture *c, int in,
    int out)
{
	int r;

	if (in >= 0)
		r = posix_spawn_file_actions_adddup2(fa, in, 0);
	else
		r = posix_spawn_file_actions_addopen(fa, 0, "/dev/null",
		    O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(fa, out, 1);
	if (r == 0 && c->quiet)
		r = posix_spawn_file_actions_addopen(fa, 2, "/dev/null",
		    O_WRONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(fa, 3);
	if (r == 0 && c->dir)
		r = posix_spawn_file_actions_addchdir_np(fa, c->dir);
	return r;
}

/* starts it in its own process group; an errno, or 0 */
static int
spawn(const struct capture *c, int in, int out, pid_t *pid)
{
	char *const *argv = (char *const *)(uintptr_t)c->argv;
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	r = prepare(&fa, c, in, out);
	if (r == 0)
		r = posix_spawnp(pid, argv[0], &fa, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	return r;
}

/* reads what is there; 1: there may be more, 0: the end, -1 */
static int
drain(int fd, struct buf *out, size_t max)
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
		if (out->n > max)
			return 1;
	}
}

/* reads until the program itself has ended, or is to be killed */
static int
collect(const struct capture *c, int fd, int pidfd, struct buf *out)
{
	struct pollfd p[2] = {{.fd = pidfd, .events = POLLIN},
	    {.fd = fd, .events = POLLIN}};
	int64_t end = now() + c->ms, left;
	int r;

	for (;;) {
		left = end - now();
		if (left <= 0)
			return CAPTURE_TOO_LONG;
		r = poll(p, 2, (int)left);
		if (r < 0 && errno != EINTR)
			return -1;
		if (r <= 0)
			continue;
		r = p[1].fd < 0 ? 0 : drain(fd, out, c->max);
		if (r < 0)
			return -1;
		if (r == 0)
			p[1].fd = -1;
		if (out->n > c->max)
			return CAPTURE_TOO_MUCH;
		if (p[0].revents)
			return CAPTURE_ENDED;
	}
}

/* waits for its end, with whatever it has started in its group killed */
static int
supervise(const struct capture *c, pid_t pid, int fd, struct buf *out,
    int *status)
{
	int pidfd = pidfd_open(pid, 0), saved;
	int how = pidfd < 0 ? -1 : collect(c, fd, pidfd, out);

	saved = errno;
	kill(-pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		close(pidfd);
	errno = saved;
	return how;
}

int
capture_run(const struct capture *c, struct buf *out, int *status)
{
	int fd[2], in = -1, r;
	pid_t pid;

	*status = 0;
	if (c->in && (in = input(c->in)) < 0)
		return -1;
	if (pipe2(fd, O_CLOEXEC) < 0) {
		r = errno;
		if (in >= 0)
			close(in);
		errno = r;
		return -1;
	}
	r = spawn(c, in, fd[1], &pid);
	close(fd[1]);
	if (in >= 0)
		close(in);
	if (r == 0 && fcntl(fd[0], F_SETFL, O_NONBLOCK) < 0)
		r = errno;	/* cannot happen; the program gets SIGPIPE */
	if (r) {
		*status = r;
		r = CAPTURE_NOT;
	} else
		r = supervise(c, pid, fd[0], out, status);
	close(fd[0]);
	return r;
}
