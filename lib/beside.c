/* beside: a process of a dagexec that holds no slot, for what takes long. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "beside.h"
#include "worker.h"

/* nothing of the program that forked us is to be kept */
static void
start_clean(const char *role)
{
	char name[16];
	sigset_t none;
	int null;

	setsid();
	snprintf(name, sizeof name, "dagexec-%s", role);
	prctl(PR_SET_NAME, name);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	close_range(3, ~0U, 0);
	umask(022);
}

int
beside_start(struct beside *b, struct spool *of, const char *role,
    int (*work)(struct spool *, void *), void *arg)
{
	size_t n = strlen(of->path);
	struct spool sp;
	char path[4096];
	int worker, x;

	if (n >= sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(path, of->path, n + 1);
	b->pid = fork();
	if (b->pid == 0) {
		start_clean(role);
		if (spool_open(&sp, path, SPOOL_WRITE) < 0 ||
		    (worker = worker_enter(&sp, role)) < 0)
			_exit(111);
		sp.durable = of->durable;
		x = work(&sp, arg);
		worker_leave(&sp, worker);
		_exit(x < 0 ? 111 : 0);
	}
	if (b->pid < 0) {
		b->pid = 0;
		return -1;
	}
	b->fd = (int)syscall(SYS_pidfd_open, b->pid, 0);
	if (b->fd >= 0)
		fcntl(b->fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

struct pollfd
beside_poll(const struct beside *b)
{
	return (struct pollfd){b->pid > 0 ? b->fd : -1, POLLIN, 0};
}

bool
beside_left(struct beside *b, bool *failed)
{
	int status;

	if (b->pid == 0 || waitpid(b->pid, &status, b->fd < 0 ? 0 : WNOHANG) !=
	    b->pid)
		return false;
	if (b->fd >= 0)
		close(b->fd);
	b->pid = 0;
	*failed = status != 0;
	return true;
}
