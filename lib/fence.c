/* fence: an attempt that an engine has started, and may end. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fence.h"
#include "io.h"

enum { RECORDS = 300 };		/* seconds that it may take to record an end */

bool
fence_told(const struct attempt *a, const struct ended *end)
{
	const struct spool *sp = a->run->spool;

	return sp->batch && sp->told && *sp->told && !end->never &&
	    !end->timed_out && WIFSIGNALED(end->status);
}

/* makes it: 1 it is ours, 0 it was made before, -1 and errno. Whether a link
 * came of it the count says: an answer may be lost, and asked for again */
static int
make_fate(struct run *r, const char *task, unsigned attempt, const char *what)
{
	char host[64] = "", tmp[FILE_LEN], name[FILE_LEN];
	struct stat st = {0};
	int dir = io_make_dir(r->fd, ".", "fate", spool_durable(r->spool));
	int fd, x;

	if (dir < 0)
		return -1;
	gethostname(host, sizeof host - 1);
	snprintf(name, sizeof name, "%s.%u", task, attempt);
	snprintf(tmp, sizeof tmp, ".%s.%ld", host, (long)getpid());
	unlinkat(dir, tmp, 0);
	fd = io_open(dir, tmp, O_WRONLY | O_CREAT | O_EXCL, 0600);
	x = fd < 0 || dprintf(fd, "%s %s\n", what, host) < 0 ||
	    spool_sync(r->spool, fd) < 0 ? -1 : 0;
	if (x == 0 && linkat(dir, tmp, dir, name, 0) < 0 && errno != EEXIST)
		x = -1;
	if (x == 0 && fstat(fd, &st) < 0)
		x = -1;
	if (fd >= 0) {
		unlinkat(dir, tmp, 0);
		close(fd);
	}
	if (x == 0 && spool_sync(r->spool, dir) < 0)
		x = -1;
	close(dir);
	return x < 0 ? -1 : st.st_nlink == 2;
}

int
fence_end(struct attempt *a)
{
	char from[FILE_LEN], to[FILE_LEN];
	int x;

	if (!a->run->spool->shared || !a->run->spool->batch)
		return 0;
	x = make_fate(a->run, a->name, a->n, "ended");
	if (x == 0)
		errno = ESTALE;
	if (x <= 0)
		return -1;
	snprintf(from, sizeof from, "out/%s.%u", a->name, a->n);
	snprintf(to, sizeof to, "out/%s", a->name);
	return renameat(a->run->fd, from, a->run->fd, to) < 0 &&
	    errno != ENOENT ? -1 : 0;
}

void
fence_scripts(const struct spool *sp, struct buf *b)
{
	/* numbers of processes, in tmp/, are those of one machine */
	if (sp->shared && sp->batch)
		buf_fmt(b, "%s/launch/%.*s", sp->path,
		    (int)strcspn(sp->batch, "/"), sp->batch);
	else
		buf_fmt(b, "%s/tmp", sp->path);
}

int
fence_lost(struct run *r, const char *task, unsigned attempt,
    const struct marker_sum *sum)
{
	char name[FILE_LEN];
	struct stat st;
	int x;

	/* one whose start is not written yet may be an engine's as well */
	if (!r->spool->shared || (sum->attempt == attempt && !sum->batch[0]))
		return 1;
	x = make_fate(r, task, attempt, "lost");
	if (x != 0)
		return x;
	/* made before: by one of us that died, or by its supervisor, which may
	 * have died as well */
	snprintf(name, sizeof name, "fate/%s.%u", task, attempt);
	if (fstatat(r->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	return st.st_mtime + RECORDS < clock_seconds();
}
