/* statdagq: dagq, run by dagstat --watch for what a key asks of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "statdagq.h"

/* the one beside us, else the one in PATH */
static void
execute(const char *option, const char *spool, const char *id)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 8);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash) {
		memcpy(slash + 1, "dagq", 5);
		execl(path, "dagq", option, "--spool", spool, "--", id,
		    (char *)NULL);
	}
	execlp("dagq", "dagq", option, "--spool", spool, "--", id,
	    (char *)NULL);
	dprintf(2, "dagq: %s\n", strerror(errno));
	_exit(111);
}

int
statdagq_start(struct statdagq *q, const char *option, const char *spool,
    const char *id)
{
	int fd[2], null;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	q->pid = fork();
	if (q->pid == 0) {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(null, 0);
		dup2(null, 1);
		dup2(fd[1], 2);
		execute(option, spool, id);
	}
	close(fd[1]);
	if (q->pid < 0) {
		close(fd[0]);
		q->pid = 0;
		return -1;
	}
	q->fd = fd[0];
	fcntl(q->fd, F_SETFL, O_NONBLOCK);
	buf_reset(&q->said);
	return 0;
}

int
statdagq_read(struct statdagq *q, int *status)
{
	char chunk[4096];
	ssize_t n;

	while ((n = read(q->fd, chunk, sizeof chunk)) > 0)
		buf_add(&q->said, chunk, (size_t)n);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	close(q->fd);
	while (waitpid(q->pid, status, 0) < 0)
		if (errno != EINTR)
			return -1;
	q->pid = 0;
	return 1;
}
