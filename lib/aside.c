/* aside: what is not ours goes to bad/, with a message; nothing is deleted. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aside.h"
#include "io.h"

/* what is no directory, though it has that name, is the first in it */
static int
open_bad(struct spool *sp)
{
	static const char *const was = "bad.was";
	int fd = io_open(sp->fd, "bad", O_RDONLY | O_DIRECTORY, 0);

	if (fd >= 0 || !run_damaged(errno))
		return fd;
	if ((io_place(sp->fd, "bad", sp->fd, was) < 0 && errno != ENOENT) ||
	    (fd = io_make_dir(sp->fd, ".", "bad", false)) < 0)
		return -1;
	if (io_place(sp->fd, was, fd, was) == 0 || errno == ENOENT)
		return fd;
	close(fd);
	return -1;
}

int
aside_put(struct spool *sp, int dir, const char *name, const char *as,
    const char *why)
{
	char target[FILE_LEN + 16], message[FILE_LEN + 24];
	struct buf b = BUF_INIT;
	int bad = open_bad(sp), x, e;

	if (bad < 0)
		return -1;
	snprintf(target, sizeof target, "%.200s", as);
	for (int i = 2; (x = io_place(dir, name, bad, target)) < 0 &&
	    errno == EEXIST && i < 10000; i++)
		snprintf(target, sizeof target, "%.200s.%d", as, i);
	if (x == 0) {
		buf_fmt(&b, "%s: %s\n", name, why);
		snprintf(message, sizeof message, "%s.why", target);
		/* only a message: who sets much aside syncs once */
		x = io_write_file(sp->tmp, bad, message, &b, NULL);
	} else if (errno == ENOENT || errno == EINVAL)
		/* gone; or what was bad/, which is in it by now */
		x = 0;
	e = errno;
	buf_free(&b);
	close(bad);
	errno = e;
	return x;
}
