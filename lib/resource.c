/* resource: what of the machine an attempt may have. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "num.h"
#include "resource.h"
#include "value.h"

enum { RECORD = 8192, GRACE = 5 };

void
resource_of(struct resource *r, const struct plan *p, uint32_t task)
{
	struct buf b = BUF_INIT;
	const char *v;

	*r = (struct resource){.any = p->task[task].keys & PLAN_RESOURCES};
	if (!r->any)
		return;
	r->nice = (int)plan_number(p, task, "nice", 0);
	r->cpu = plan_duration(p, task, "cpu-time", 0);
	r->files = plan_number(p, task, "open-files", 0);
	v = plan_get(p, task, "memory", &b);
	if (v && size_parse(v, &r->memory) < 0)
		r->memory = 0;
	buf_free(&b);
}

static int
limit(int what, int64_t soft, int64_t hard)
{
	struct rlimit l;

	if (soft == 0)
		return 0;
	l.rlim_cur = (rlim_t)soft;
	l.rlim_max = (rlim_t)hard;
	return setrlimit(what, &l);
}

int
resource_apply(const struct resource *r)
{
	if (!r->any)
		return 0;
	/* of a process that goes on after XCPU there is an end as well */
	if ((r->nice && setpriority(PRIO_PROCESS, 0,
	    getpriority(PRIO_PROCESS, 0) + r->nice) < 0) ||
	    limit(RLIMIT_AS, r->memory, r->memory) < 0 ||
	    limit(RLIMIT_CPU, r->cpu, r->cpu + GRACE) < 0 ||
	    limit(RLIMIT_NOFILE, r->files, r->files) < 0)
		return -1;
	return 0;
}

/* did the kernel end it for want of memory? its log says so, or nothing does */
static bool
starved(pid_t pid, int64_t since)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[RECORD + 1], killed[64];
	long long stamp;
	bool is = false;
	ssize_t n;

	if (fd < 0)
		return false;
	snprintf(killed, sizeof killed, "Killed process %ld (", (long)pid);
	/* EPIPE: what was next has been overwritten */
	while (!is && ((n = read(fd, record, RECORD)) > 0 || errno == EPIPE)) {
		record[n > 0 ? n : 0] = '\0';
		is = strstr(record, killed) &&
		    sscanf(record, "%*[^,],%*[^,],%lld", &stamp) == 1 &&
		    stamp / 1000000 >= since - 1;
	}
	close(fd);
	return is;
}

const char *
resource_reason(const struct resource *r, int status, pid_t pid,
    int64_t since)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	/* a shell exits so for what it ran */
	if (sig == SIGXCPU || (r->cpu && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 128 + SIGXCPU))
		return "cpu-time";
	return sig == SIGKILL && starved(pid, since) ? "memory" : NULL;
}
