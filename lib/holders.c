/* holders: the processes of an attempt: found by the marker they inherit. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "holders.h"
#include "num.h"
#include "worker.h"

enum {
	ENVIRON_MAX = 16 << 20, INFO_MAX = 1 << 16,
	PATIENCE = 5000, STEP = 5,	/* ms, for the killed to be gone */
};

/*
 * Is a lock of that file held through that descriptor? proc(5),
 * /proc/PID/fdinfo: it tells who inherited the marker from those who look at
 * it, and is told without a call to the file's own file system, which may be
 * one that does not answer any more.
 */
static bool
has_lock(int proc, const char *pid, const char *fd, ino_t ino)
{
	struct buf b = BUF_INIT;
	char path[64], inode[32], *p;
	int info;

	snprintf(path, sizeof path, "%.20s/fdinfo/%.20s", pid, fd);
	info = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return false;
	snprintf(inode, sizeof inode, ":%ju ", (uintmax_t)ino);
	p = buf_read(&b, info, INFO_MAX) == 0 ?
	    strstr(buf_cstr(&b), "OFDLCK") : NULL;
	p = p ? strstr(p, inode) : NULL;
	close(info);
	buf_free(&b);
	return p;
}

/* does a process have the file open, with the lock it inherited? */
static bool
has_open(int proc, const char *pid, dev_t dev, ino_t ino)
{
	char path[64];
	struct dirent *e;
	struct stat st;
	bool found = false;
	DIR *d;
	int fd;

	snprintf(path, sizeof path, "%s/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (!found && (e = readdir(d)))
		found = e->d_name[0] != '.' &&
		    has_lock(proc, pid, e->d_name, ino) &&
		    fstatat(fd, e->d_name, &st, 0) == 0 &&
		    st.st_ino == ino && st.st_dev == dev;
	closedir(d);
	return found;
}

static bool
in_session(pid_t pid, pid_t sid)
{
	return sid > 0 && getsid(pid) == sid;
}

/* does its environment say that it is of this attempt? */
static bool
has_env(int proc, const char *pid, const struct holders *h)
{
	struct buf b = BUF_INIT;
	char path[64], *end;
	unsigned found = 0;
	int fd;

	snprintf(path, sizeof path, "%.20s/environ", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (buf_read(&b, fd, ENVIRON_MAX) == 0)
		for (char *p = buf_cstr(&b); p < b.p + b.n; p = end + 1) {
			end = p + strlen(p);
			for (unsigned i = 0; i < HOLDERS_ENV; i++)
				if (strcmp(p, h->env[i]) == 0)
					found |= 1U << i;
		}
	close(fd);
	buf_free(&b);
	return found == (1U << HOLDERS_ENV) - 1;
}

/* a process of its session whose environment says that it is of this attempt:
 * without one the number may have been given away, or be made up */
static pid_t
find_session(const struct holders *h, const char *leader)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = proc < 0 ? NULL : fdopendir(proc);
	struct dirent *e;
	bool found = false;
	int64_t pid, sid = 0;

	if (!d)
		return 0;
	if (num_parse(leader, 2, INT32_MAX, &sid) == 0)
		while (!found && (e = readdir(d)))
			found = num_parse(e->d_name, 1, INT32_MAX, &pid) == 0 &&
			    in_session((pid_t)pid, (pid_t)sid) &&
			    has_env(proc, e->d_name, h);
	closedir(d);
	return found ? (pid_t)sid : 0;
}

/* the group that the marker names, if it can only be this attempt's */
static void
group(struct holders *h, const char *path, const struct stat *st,
    unsigned attempt)
{
	const char *slash = strrchr(path, '/');
	char name[CGROUP_NAME];

	cgroup_name(name, st, attempt);
	if (slash && strcmp(slash + 1, name) == 0)
		snprintf(h->cgroup, sizeof h->cgroup, "%s", path);
}

int
holders_of(struct holders *h, const struct run *r, const char *task,
    unsigned attempt, int fd, const struct marker_sum *sum)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	*h = (struct holders){.spool = r->spool, .dev = st.st_dev,
	    .ino = st.st_ino};
	snprintf(h->env[0], sizeof h->env[0], "DAG_ID=%s/%s/%s", r->dag,
	    r->name, task);
	snprintf(h->env[1], sizeof h->env[1], "DAG_SPOOL=%s", r->spool->path);
	snprintf(h->env[2], sizeof h->env[2], "DAG_ATTEMPT=%u", attempt);
	if (sum)
		group(h, sum->cgroup, &st, attempt);
	if (sum && !sum->ended)
		h->sid = find_session(h, sum->pid);
	return 0;
}

static bool
spared(long pid, const struct worker *spare, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (spare[i].pid == pid)
			return true;
	return pid == (long)getpid();
}

static bool
is_of(const struct holders *h, int proc, const char *name, pid_t pid)
{
	return in_session(pid, h->sid) || (!h->away &&
	    has_open(proc, name, h->dev, h->ino)) || has_env(proc, name, h);
}

/* has it ended, though nobody has waited for it? */
static bool
over(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

int
holders_signal(const struct holders *h, int sig)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	DIR *d = proc < 0 ? NULL : fdopendir(proc);
	struct worker *spare = NULL;
	struct dirent *e;
	int64_t pid;
	size_t n = 0;
	int count = 0;

	if (!d || (!h->away && worker_list(h->spool, &spare, &n) < 0)) {
		if (d)
			closedir(d);
		return -1;
	}
	while ((e = readdir(d))) {
		if (num_parse(e->d_name, 1, INT32_MAX, &pid) < 0 ||
		    spared((long)pid, spare, n) ||
		    !is_of(h, proc, e->d_name, (pid_t)pid))
			continue;
		/* opened, then looked at again: the number may be another's */
		fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
		if (fd < 0)
			continue;
		if (!over(fd) && is_of(h, proc, e->d_name, (pid_t)pid) &&
		    syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0) == 0)
			count++;
		close(fd);
	}
	closedir(d);
	free(spare);
	return count;
}

int
holders_end(const struct holders *h)
{
	int n = -1;

	/* again each time: one may have been in the middle of a fork */
	for (int waited = 0; waited < PATIENCE; waited += STEP) {
		n = holders_signal(h, SIGKILL);
		if (n <= 0)
			return n < 0 || !h->cgroup[0] ? n :
			    cgroup_kill(h->cgroup);
		poll(NULL, 0, STEP);
	}
	errno = ETIMEDOUT;
	return -1;
}
