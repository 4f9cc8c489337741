/* unpack: members of an archive become files of a run again. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "io.h"
#include "spool.h"
#include "unpack.h"

/* the directory that a path belongs in, made if need be; its last part */
static int
place(int top, const char *path, const char **base, struct buf *why)
{
	char dir[4] = "";
	size_t n = strcspn(path, "/");

	*base = path;
	if (!path[n])
		return io_open(top, ".", O_RDONLY | O_DIRECTORY, 0);
	*base = path + n + 1;
	if (n != 3 || strchr(*base, '/') || (strncmp(path, "log", 3) &&
	    strncmp(path, "map", 3) && strncmp(path, "out", 3))) {
		buf_fmt(why, "%s: not a part of a run", path);
		errno = EBADMSG;
		return -1;
	}
	memcpy(dir, path, 3);
	if (mkdirat(top, dir, 0700) < 0 && errno != EEXIST)
		return -1;
	return io_open(top, dir, O_RDONLY | O_DIRECTORY, 0);
}

int
unpack_member(int top, const struct tar_member *m, const char *path,
    struct buf *why)
{
	char chunk[16384];
	const char *base;
	ssize_t n = -1;
	int dir = place(top, path, &base, why), fd, e;
	bool plan = strcmp(path, "plan") == 0;

	if (dir < 0)
		return -1;
	fd = io_open(dir, base, O_WRONLY | O_CREAT | O_EXCL,
	    plan ? 0400 : 0600);
	if (fd >= 0) {
		while ((n = tar_read(m, chunk, sizeof chunk)) > 0)
			if (write_all(fd, chunk, (size_t)n) < 0)
				break;
		if (n == 0 && marker_due(fd, m->mtime) < 0)
			n = -1;
	}
	e = errno;
	if (fd >= 0)
		close(fd);
	close(dir);
	errno = e;
	return n == 0 ? 0 : -1;
}
