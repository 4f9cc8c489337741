/* holders: the processes of an attempt: found by the marker they inherit. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "holders.h"
#include "num.h"

enum { ENVIRON_MAX = 16 << 20, INFO_MAX = 1 << 16 };

/* is a lock held through that descriptor? proc(5), /proc/PID/fdinfo: it tells
 * who inherited the marker from those who look at it */
static bool
has_lock(int proc, const char *pid, const char *fd)
{
	struct buf b = BUF_INIT;
	char path[64];
	bool has = false;
	int info;

	snprintf(path, sizeof path, "%.20s/fdinfo/%.20s", pid, fd);
	info = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return false;
	if (buf_read(&b, info, INFO_MAX) == 0)
		has = strstr(buf_cstr(&b), "OFDLCK") != NULL;
	close(info);
	buf_free(&b);
	return has;
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
		    fstatat(fd, e->d_name, &st, 0) == 0 &&
		    st.st_ino == ino && st.st_dev == dev &&
		    has_lock(proc, pid, e->d_name);
	closedir(d);
	return found;
}

static bool
in_session(pid_t pid, pid_t sid)
{
	return sid > 0 && getsid(pid) == sid;
}

/* does its environment have both entries, NAME=VALUE? */
static bool
has_env(int proc, const char *pid, const char *const entry[2])
{
	struct buf b = BUF_INIT;
	char path[64], *end;
	int fd, found = 0;

	snprintf(path, sizeof path, "%.20s/environ", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (buf_read(&b, fd, ENVIRON_MAX) == 0)
		for (char *p = buf_cstr(&b); p < b.p + b.n; p = end + 1) {
			end = p + strlen(p);
			found |= strcmp(p, entry[0]) == 0 ? 1 :
			    strcmp(p, entry[1]) == 0 ? 2 : 0;
		}
	close(fd);
	buf_free(&b);
	return found == 3;
}

pid_t
holders_session(const struct run *r, const char *task,
    const struct marker_sum *sum)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = proc < 0 ? NULL : fdopendir(proc);
	char id[FILE_LEN + 16], spool[PATH_MAX + 16];
	const char *const entry[2] = {id, spool};
	struct dirent *e;
	bool found = false;
	int64_t pid, sid;

	if (!d)
		return 0;
	snprintf(id, sizeof id, "DAG_ID=%s/%s/%s", r->dag, r->name, task);
	snprintf(spool, sizeof spool, "DAG_SPOOL=%s", r->spool->path);
	if (num_parse(sum->pid, 2, INT32_MAX, &sid) == 0 && !sum->ended)
		while (!found && (e = readdir(d)))
			found = num_parse(e->d_name, 1, INT32_MAX, &pid) == 0 &&
			    in_session((pid_t)pid, (pid_t)sid) &&
			    has_env(proc, e->d_name, entry);
	closedir(d);
	return found ? (pid_t)sid : 0;
}

static bool
spared(long pid, const long *spare, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (spare[i] == pid)
			return true;
	return pid == (long)getpid();
}

int
holders_signal(dev_t dev, ino_t ino, pid_t sid, int sig, const long *spare,
    size_t n)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	DIR *d = proc < 0 ? NULL : fdopendir(proc);
	struct dirent *e;
	int64_t pid;
	int count = 0;

	if (!d)
		return -1;
	while ((e = readdir(d))) {
		if (num_parse(e->d_name, 1, INT32_MAX, &pid) < 0 ||
		    spared((long)pid, spare, n))
			continue;
		if (!in_session((pid_t)pid, sid) &&
		    !has_open(proc, e->d_name, dev, ino))
			continue;
		/* opened, then looked at again: the number may be another's */
		fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
		if (fd < 0)
			continue;
		if ((in_session((pid_t)pid, sid) ||
		    has_open(proc, e->d_name, dev, ino)) &&
		    syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0) == 0)
			count++;
		close(fd);
	}
	closedir(d);
	return count;
}
