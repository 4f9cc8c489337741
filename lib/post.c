/* post: the process of a dagexec that delivers notices. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deliver.h"
#include "outbox.h"
#include "post.h"
#include "worker.h"

enum { PAUSE = 30 };	/* seconds, when it did not end well */

static void
work(const char *path, bool durable)
{
	struct spool sp;
	sigset_t none;
	int null, worker;

	setsid();
	prctl(PR_SET_NAME, "dagexec-post");
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	close_range(3, ~0U, 0);
	umask(022);
	if (spool_open(&sp, path, SPOOL_WRITE) < 0 ||
	    (worker = worker_enter(&sp, "post")) < 0)
		_exit(111);
	sp.durable = durable;
	null = deliver_due(&sp) < 0 ? 111 : 0;
	worker_leave(&sp, worker);
	_exit(null);
}

static int
start(struct post *p, struct spool *sp)
{
	char path[4096];
	size_t n = strlen(sp->path);

	if (n >= sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(path, sp->path, n + 1);
	p->pid = fork();
	if (p->pid == 0)
		work(path, sp->durable);
	if (p->pid < 0) {
		p->pid = 0;
		return -1;
	}
	p->fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (p->fd >= 0)
		fcntl(p->fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

int
post_step(struct post *p, struct spool *sp)
{
	size_t waiting, undelivered;
	int status;

	if (p->pid > 0 && waitpid(p->pid, &status, p->fd < 0 ? 0 :
	    WNOHANG) == p->pid) {
		if (p->fd >= 0)
			close(p->fd);
		p->pid = 0;
		p->look = true;
		p->after = status ? clock_seconds() + PAUSE : 0;
	}
	if (p->pid > 0)
		return 0;
	if (p->look && outbox_count(sp, &waiting, &undelivered, &p->due) < 0)
		return -1;
	p->look = false;
	if (p->due && p->due < p->after)
		p->due = p->after;
	return p->due && p->due <= clock_seconds() ? start(p, sp) : 0;
}

bool
post_busy(const struct post *p, int64_t by)
{
	return p->pid > 0 || p->look || (p->due && p->due <= by);
}
