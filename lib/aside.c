/* aside: what is not ours goes to bad/, with a message; nothing is deleted. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aside.h"
#include "io.h"

int
aside_put(struct spool *sp, int dir, const char *name, const char *as,
    const char *why)
{
	char target[FILE_LEN + 16], message[FILE_LEN + 24];
	struct buf b = BUF_INIT;
	int bad = io_open(sp->fd, "bad", O_RDONLY | O_DIRECTORY, 0), x, e;

	if (bad < 0)
		return -1;
	snprintf(target, sizeof target, "%.200s", as);
	for (int i = 2; (x = io_place(dir, name, bad, target)) < 0 &&
	    errno == EEXIST && i < 10000; i++)
		snprintf(target, sizeof target, "%.200s.%d", as, i);
	if (x == 0) {
		buf_fmt(&b, "%s: %s\n", name, why);
		snprintf(message, sizeof message, "%s.why", target);
		x = io_write_file(sp->tmp, bad, message, &b, spool_durable(sp));
	} else if (errno == ENOENT)
		x = 0;
	e = errno;
	buf_free(&b);
	close(bad);
	errno = e;
	return x;
}
