/* holders: the processes of an attempt: found by the marker they inherit. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

/* does a process have the file open? */
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
		    st.st_ino == ino && st.st_dev == dev;
	closedir(d);
	return found;
}

static bool
in_session(pid_t pid, pid_t sid)
{
	return sid > 0 && getsid(pid) == sid;
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
