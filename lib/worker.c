/* worker: who is at work on a spool; a file each, locked for life. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hash.h"
#include "io.h"
#include "who.h"
#include "worker.h"

enum { ABANDONED = 86400 };	/* seconds */

static bool
same_file(int dir, const char *path, int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 &&
	    io_stat(dir, path, &b) == 0 &&
	    a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* makes the file in tmp/, locks it, gives it its name; -1 and errno */
static int
appear(struct spool *sp, const char *tmp, const char *path,
    const struct buf *b)
{
	int fd, e;

	unlinkat(sp->tmp, tmp, 0);
	fd = io_open_file(sp->tmp, tmp, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd >= 0 && io_lock(fd, 0, false) == 0 &&
	    write_all(fd, b->p, b->n) == 0 &&
	    io_replace(sp->tmp, tmp, sp->fd, path) == 0)
		return fd;
	e = errno;
	if (fd >= 0) {
		unlinkat(sp->tmp, tmp, 0);
		close(fd);
	}
	errno = e;
	return -1;
}

int
worker_enter(struct spool *sp, const char *role)
{
	char path[FILE_LEN], tmp[FILE_LEN], host[64] = "", now[INSTANT_LEN];
	struct buf b = BUF_INIT;
	int fd = -1;

	gethostname(host, sizeof host - 1);
	instant_format_ms(now, clock_now());
	buf_fmt(&b, "%s %s %s\n", role, host, now);
	snprintf(path, sizeof path, "workers/%s", who_self());
	snprintf(tmp, sizeof tmp, "worker.%s", who_self());
	/* it appears written and locked: who finds one that is not, takes its
	 * process for dead. What has our number is of a dead namesake. Who
	 * cleans tmp/ does not know us yet, and may take it away: once more */
	for (int i = 0; fd < 0 && i < 100; i++)
		if ((fd = appear(sp, tmp, path, &b)) < 0 && errno != ENOENT)
			break;
	buf_free(&b);
	return fd;
}

int
worker_serve(struct spool *sp, char machine[64])
{
	/* a byte for each machine; who has its own looks for the others */
	const char *own = who_machine();
	off_t byte = 1 + (off_t)(hash_add(HASH_EMPTY, own, strlen(own)) >> 2);
	ssize_t n;
	int fd, x;

	if (!sp->shared)
		return 0;
	fd = io_open_file(sp->fd, "workers/.served", O_RDWR | O_CREAT, 0600);
	x = fd < 0 || io_lock(fd, byte, true) < 0 ? -1 :
	    io_locked_beside(fd, byte);
	if (x == 0 && (ftruncate(fd, 0) < 0 || pwrite(fd, own + 1,
	    strlen(own + 1), 0) < 0))
		x = -1;
	if (x == 0)
		return 0;	/* the descriptor is open as long as we live */
	n = x > 0 ? pread(fd, machine, 63, 0) : 0;
	machine[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return x;
}

void
worker_leave(struct spool *sp, int fd)
{
	char path[FILE_LEN];

	snprintf(path, sizeof path, "workers/%s", who_self());
	io_unlink(sp->fd, path);
	close(fd);
}

bool
worker_left(struct spool *sp, long pid)
{
	char path[FILE_LEN];

	snprintf(path, sizeof path, "workers/%ld%s", pid, who_machine());
	return io_exists(sp->fd, path) != 1;
}

bool
worker_abandoned(int dirfd, const char *path)
{
	struct stat st;

	return io_stat(dirfd, path, &st) == 0 &&
	    st.st_mtime + ABANDONED < clock_seconds();
}

/* reads one; false: it is dead, or none, or of another machine */
static bool
look(struct spool *sp, const char *file, struct worker *w)
{
	char path[FILE_LEN], text[128];
	const char *end;
	bool here;
	ssize_t n;
	int fd;

	*w = (struct worker){.pid = who_parse(file, &end, &here)};
	if (!w->pid || *end)
		return false;
	snprintf(path, sizeof path, "workers/%s", file);
	/* of another machine the number says nothing */
	if (!here && !worker_abandoned(sp->fd, path))
		return false;
	fd = io_open_file(sp->fd, path, O_RDWR, 0);
	if (fd < 0)
		return false;
	if (io_locked(fd, 0) != 1) {
		if (io_lock(fd, 0, false) == 0 && same_file(sp->fd, path, fd))
			io_unlink(sp->fd, path);
		close(fd);
		return false;
	}
	n = pread(fd, text, sizeof text - 1, 0);
	close(fd);
	if (!here)
		return false;
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, " \n")] = '\0';
	snprintf(w->role, sizeof w->role, "%.15s", text);
	return true;
}

int
worker_list(struct spool *sp, struct worker **list, size_t *n)
{
	struct names files;
	struct worker w;

	*n = 0;
	*list = NULL;
	if (names_list(sp->fd, "workers", &files) < 0)
		return -1;
	*list = calloc(files.n + 1, sizeof **list);
	for (size_t i = 0; *list && i < files.n; i++)
		if (look(sp, files.name[i], &w) && w.pid != (long)getpid())
			(*list)[(*n)++] = w;
	names_free(&files);
	return *list ? 0 : -1;
}

static int
open_process(long pid)
{
	return (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
}

/* it is dead, whoever has its lock: what it had forked, for an instant. If its
 * number is given away meanwhile, there is a process again, or another file */
static void
bury(struct spool *sp, const char *file, long pid)
{
	char path[FILE_LEN];
	int fd, process;

	snprintf(path, sizeof path, "workers/%s", file);
	fd = io_open_file(sp->fd, path, O_RDONLY, 0);
	if (fd < 0)
		return;
	process = open_process(pid);
	if (process >= 0)
		close(process);
	else if (errno == ESRCH && same_file(sp->fd, path, fd))
		io_unlink(sp->fd, path);
	close(fd);
}

int
worker_watch(struct spool *sp, long pid, struct worker *w)
{
	char file[64];
	int fd = open_process(pid);

	snprintf(file, sizeof file, "%ld%s", pid, who_machine());
	if (fd < 0 && errno == ESRCH)
		bury(sp, file, pid);
	if (fd < 0)
		return -1;
	/* opened, then checked: the number may have been given away */
	if (look(sp, file, w))
		return fd;
	close(fd);
	errno = ESRCH;
	return -1;
}
