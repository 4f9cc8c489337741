/* fence: an attempt that an engine has started, and may end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fence.h"
#include "io.h"
#include "lease.h"
#include "tree.h"
#include "who.h"

enum {
	RECORDS = 300,		/* seconds that it may take to record an end */
	HEARD = 500, LOOK = 10,	/* ms */
};

bool
fence_told(const struct attempt *a, const struct ended *end)
{
	const struct spool *sp = a->run->spool;

	if (!sp->batch || !sp->told || end->never || end->timed_out ||
	    !WIFSIGNALED(end->status))
		return false;
	/* an engine tells all of a job's processes, one after the other: the
	 * task may have died of that before we hear it */
	for (int waited = 0; !*sp->told && waited < HEARD; waited += LOOK)
		poll(NULL, 0, LOOK);
	return *sp->told;
}

/* makes it: 1 it is ours, 0 it was made before, -1 and errno. Whether a link
 * came of it the count says: an answer may be lost, and asked for again */
static int
make_fate(struct run *r, const char *path, const char *what)
{
	const char *name = path + strlen("fate/");
	char host[64] = "", tmp[64];
	struct stat st = {0};
	int dir = io_make_dir(r->fd, ".", "fate", spool_durable(r->spool));
	int fd, x;

	if (dir < 0)
		return -1;
	gethostname(host, sizeof host - 1);
	snprintf(tmp, sizeof tmp, ".%s", who_self());
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

static int
place(int dir, const char *task, unsigned attempt)
{
	char name[FILE_LEN];

	for (unsigned n = 1; n < attempt; n++) {
		snprintf(name, sizeof name, "%s.%u", task, n);
		if (tree_remove(dir, name) < 0)
			return -1;
	}
	snprintf(name, sizeof name, "%s.%u", task, attempt);
	if (renameat(dir, name, dir, task) == 0 || errno == ENOENT)
		return 0;
	/* one directory after another: nobody reads it before it has ended */
	return tree_remove(dir, task) < 0 ? -1 :
	    renameat(dir, name, dir, task);
}

/* what attempt N has left takes the place of TASK; what those before have left
 * is of no use */
static int
place_all(const struct run *r, const char *task, unsigned attempt)
{
	static const char *const in[] = {"out", "files"};
	int fd, x = 0, e;

	for (unsigned i = 0; i < 2 && x == 0; i++) {
		fd = io_open(r->fd, in[i], O_RDONLY | O_DIRECTORY, 0);
		if (fd < 0 && errno == ENOENT)
			continue;
		x = fd < 0 ? -1 : place(fd, task, attempt);
		e = errno;
		if (fd >= 0)
			close(fd);
		errno = e;
	}
	return x;
}

int
fence_end(struct attempt *a)
{
	char path[FILE_LEN];
	int x;

	if (!a->run->spool->shared || !a->run->spool->batch)
		return 0;
	lease_fate(path, a->name, a->n, &a->before);
	x = make_fate(a->run, path, "ended");
	if (x == 0)
		errno = ESTALE;
	return x <= 0 || place_all(a->run, a->name, a->n) < 0 ? -1 : 0;
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
	lease_fate(name, task, attempt, sum);
	x = make_fate(r, name, "lost");
	if (x != 0)
		return x;
	/* made before: by one of us that died, or by its supervisor, which may
	 * have died as well */
	if (io_stat(r->fd, name, &st) < 0)
		return -1;
	return st.st_mtime + RECORDS < clock_seconds();
}
