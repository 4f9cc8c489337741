/* unpack: members of an archive become files of a run again. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "io.h"
#include "spool.h"
#include "unpack.h"

size_t
unpack_base(const char *path)
{
	size_t n = strcspn(path, "/"), task;

	if (!path[n])
		return 0;
	if (n == 5 && strncmp(path, "files", 5) == 0) {
		task = strcspn(path + 6, "/");
		return task > 0 && task <= TASK_LEN && path[6 + task] &&
		    path[6] != '.' && !strchr(path + 7 + task, '/') ?
		    7 + task : SIZE_MAX;
	}
	return n == 3 && !strchr(path + 4, '/') &&
	    (strncmp(path, "log", 3) == 0 || strncmp(path, "map", 3) == 0 ||
	    strncmp(path, "out", 3) == 0) ? 4 : SIZE_MAX;
}

/* the directory that a path belongs in, made if need be */
static int
place(int top, const char *path, struct buf *why)
{
	size_t base = unpack_base(path);
	char dir[TASK_LEN + 8] = "";
	int fd;

	if (base == SIZE_MAX) {
		buf_fmt(why, "%s: not a part of a run", path);
		errno = EBADMSG;
		return -1;
	}
	if (base == 0)
		return io_open(top, ".", O_RDONLY | O_DIRECTORY, 0);
	memcpy(dir, path, base - 1);
	if (base <= 4)
		return io_make_dir(top, ".", dir, false);
	fd = io_make_dir(top, ".", "files", false);
	if (fd < 0)
		return -1;
	close(fd);
	return io_make_dir(top, "files", dir + 6, false);
}

int
unpack_member(int top, const struct tar_member *m, const char *path,
    struct buf *why)
{
	char chunk[16384];
	ssize_t n = -1;
	int dir = place(top, path, why), fd, e;
	bool plan = strcmp(path, "plan") == 0;

	if (dir < 0)
		return -1;
	fd = io_open(dir, path + unpack_base(path), O_WRONLY | O_CREAT | O_EXCL,
	    plan ? 0400 : 0600);
	if (fd >= 0) {
		while ((n = tar_read(m, chunk, sizeof chunk)) > 0)
			if (write_all(fd, chunk, (size_t)n) < 0)
				break;
		if (n == 0 && marker_due(fd, m->mtime) < 0)
			n = -1;
	} else if (errno == EEXIST) {
		buf_fmt(why, "%s is in it twice", path);
		errno = EBADMSG;
	}
	e = errno;
	if (fd >= 0)
		close(fd);
	close(dir);
	errno = e;
	return n == 0 ? 0 : -1;
}
