/* planstore: compiled definitions, plans/DAG/HASH, which runs link to. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "io.h"
#include "planstore.h"
#include "who.h"

/* is the stored plan of that name this very text? 1, 0, or -1: not there */
static int
plan_is(int dir, const char *name, const struct plan *p)
{
	struct buf b = BUF_INIT;
	int x = io_open(dir, name, O_RDONLY | O_NONBLOCK, 0), same;

	if (x < 0)
		return -1;
	same = buf_read(&b, x, p->size + 1) == 0 && b.n == p->size &&
	    memcmp(b.p, p->text, b.n) == 0;
	close(x);
	buf_free(&b);
	return same;
}

/* writes the plan, replacing what is there if it has too many links */
static int
write_plan(struct spool *sp, int dir, const char *name, const struct plan *p,
    bool replace)
{
	char tmp[64];
	int fd, e;

	snprintf(tmp, sizeof tmp, "plan.%s", who_self());
	fd = io_open(sp->tmp, tmp, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		return -1;
	if (write_all(fd, p->text, p->size) < 0 || fchmod(fd, 0400) < 0 ||
	    spool_sync(sp, fd) < 0) {
		e = errno;
		close(fd);
		goto undo;
	}
	if (close(fd) < 0 || (replace ? renameat : io_place)(sp->tmp, tmp, dir,
	    name) < 0) {
		e = errno;
		goto undo;
	}
	return spool_sync(sp, dir);
undo:
	unlinkat(sp->tmp, tmp, 0);
	errno = e;
	return e == EEXIST ? 0 : -1;
}

int
planstore_put(struct spool *sp, const struct plan *p, char name[32])
{
	int dir = io_make_dir(sp->fd, "plans", p->dag, spool_durable(sp)), same;
	uint64_t h = hash_add(HASH_EMPTY, p->text, p->size);
	int x = -1;

	if (dir < 0)
		return -1;
	/* should two texts ever have the same hash, the next number is taken */
	for (int i = 0; i < 100 && x < 0; i++) {
		snprintf(name, 32, "%016llx",
		    (unsigned long long)h++);
		same = plan_is(dir, name, p);
		if (same < 0 && errno == ENOENT) {
			if (write_plan(sp, dir, name, p, false) < 0)
				break;
			same = plan_is(dir, name, p);
		}
		if (same < 0)
			break;
		x = same ? 0 : -1;
	}
	close(dir);
	return x;
}

int
planstore_link(struct spool *sp, const struct plan *p, const char *name,
    int dir)
{
	char path[FILE_LEN];
	int plans, x;

	snprintf(path, sizeof path, "plans/%s/%s", p->dag, name);
	x = io_link(sp->fd, path, dir, "plan");
	if (x < 0 && errno == EMLINK) {
		plans = io_make_dir(sp->fd, "plans", p->dag, spool_durable(sp));
		if (plans < 0)
			return -1;
		x = write_plan(sp, plans, name, p, true);
		close(plans);
		if (x == 0)
			x = io_link(sp->fd, path, dir, "plan");
	}
	return x;
}
