/* archive: archive/DAG/RUN.tar.gz: a finished run in one file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "io.h"
#include "who.h"

/* the directories that a run may have; in the last there is one a task */
static const char *const subdirs[] = { "log", "map", "out", "files" };

enum {
	SUBDIRS = sizeof subdirs / sizeof *subdirs, FILES = SUBDIRS - 1,
	PIECE = 16 << 10,
};

void
archive_path(char path[ARCHIVE_PATH], const char *dag, const char *run)
{
	snprintf(path, ARCHIVE_PATH, "archive/%s/%s.tar.gz", dag, run);
}

bool
archive_exists(struct spool *sp, const char *dag, const char *run)
{
	char path[ARCHIVE_PATH];

	archive_path(path, dag, run);
	return io_exists(sp->fd, path) == 1;
}

int
archive_remove(struct spool *sp, const char *dag, const char *run)
{
	char path[ARCHIVE_PATH], name[RUN_LEN + 8];
	int dir, x, e;

	snprintf(path, sizeof path, "archive/%s", dag);
	snprintf(name, sizeof name, "%s.tar.gz", run);
	dir = io_open(sp->fd, path, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return -1;
	x = unlinkat(dir, name, 0);
	if (x == 0)
		x = spool_sync(sp, dir);
	e = errno;
	close(dir);
	errno = e;
	return x;
}

static bool
is_subdir(const char *name)
{
	for (size_t i = 0; i < SUBDIRS; i++)
		if (strcmp(name, subdirs[i]) == 0)
			return true;
	return false;
}

/* appends the names in a run's directory dir ("." or one of these) */
static int
list_dir(const struct run *r, const char *dir, struct archive_list *l)
{
	bool top = strcmp(dir, ".") == 0;
	struct archive_item *item;
	struct names names;
	char *path = NULL;
	int x = -1;

	if (names_list(r->fd, dir, &names) < 0)
		return -1;
	item = realloc(l->item, (l->n + names.n + 1) * sizeof *item);
	if (!item)
		goto out;
	l->item = item;
	for (size_t i = 0; i < names.n; i++) {
		if (top && (is_subdir(names.name[i]) ||
		    strcmp(names.name[i], "fate") == 0))
			continue;
		path = NULL;
		if (top ? !(path = strdup(names.name[i])) :
		    asprintf(&path, "%s/%s", dir, names.name[i]) < 0)
			goto out;
		l->item[l->n++] = (struct archive_item){ .path = path };
	}
	x = 0;
out:
	names_free(&names);
	return x;
}

/* files/TASK: what is in them; what else is in files/ is not ours */
static int
list_files(const struct run *r, struct archive_list *l)
{
	char dir[TASK_LEN + 8];
	struct names tasks;
	int x = 0;

	if (names_list(r->fd, "files", &tasks) < 0)
		return -1;
	for (size_t i = 0; i < tasks.n && x == 0; i++) {
		snprintf(dir, sizeof dir, "files/%.*s", TASK_LEN,
		    tasks.name[i]);
		x = list_dir(r, dir, l);
	}
	names_free(&tasks);
	return x;
}

static int
list_run(const struct run *r, struct archive_list *l)
{
	if (list_dir(r, ".", l) < 0)
		return -1;
	for (size_t i = 0; i < FILES; i++)
		if (list_dir(r, subdirs[i], l) < 0)
			return -1;
	return list_files(r, l);
}

/* plans have many links; everything else that has is not ours */
static int
open_item(const struct run *r, const char *path, struct stat *st)
{
	bool plan = strcmp(path, "plan") == 0;
	int fd = plan ? io_open(r->fd, path, O_RDONLY | O_NONBLOCK, 0) :
	    io_open_file(r->fd, path, O_RDONLY, 0), e;

	if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	e = fd >= 0 || errno == ELOOP || errno == ENXIO ? EBADMSG : errno;
	if (fd >= 0)
		close(fd);
	errno = e;
	return -1;
}

static const char *
reason(int err)
{
	switch (err) {
	case EBADMSG:
		return "not a regular file with one link; move it elsewhere";
	case ESTALE:
		return "it changed while it was being read";
	case E2BIG:
		return "with it the run is too large for an archive";
	default:
		return strerror(err);
	}
}

static int
pack_item(const struct run *r, struct tar_out *t, struct archive_item *item,
    struct buf *why)
{
	struct buf name = BUF_INIT;
	struct stat st;
	int fd, x, e;

	buf_fmt(&name, "%s/%s", r->name, item->path);
	fd = open_item(r, item->path, &st);
	x = fd < 0 ? -1 : tar_add(t, buf_cstr(&name), fd, &st, &item->sum);
	e = name.err ? name.err : errno;
	if (fd >= 0)
		close(fd);
	buf_free(&name);
	if (x < 0) {
		buf_fmt(why, "%s: %s", item->path, reason(e));
		errno = e;
		return -1;
	}
	item->size = st.st_size;
	item->mtime = st.st_mtim.tv_sec;
	return 0;
}

static int
pack_all(const struct run *r, int fd, struct archive_list *l, struct buf *why)
{
	struct tar_out *t = tar_create(fd);
	int x = 0, e;

	if (!t)
		return -1;
	for (size_t i = 0; i < l->n && x == 0; i++)
		x = pack_item(r, t, &l->item[i], why);
	e = errno;
	if (tar_finish(t) < 0 && x == 0) {
		e = errno;
		x = -1;
	}
	errno = e;
	return x;
}

struct check {
	const char *run;
	const struct archive_list *list;
	size_t at;
};

/* 1: it is not what was packed */
static int
check_member(const struct tar_member *m, void *arg)
{
	struct check *c = arg;
	const struct archive_item *item;
	uint64_t sum = TAR_SUM_INIT;
	size_t n = strlen(c->run);
	char chunk[8192];
	ssize_t got;

	if (c->at == c->list->n)
		return 1;
	item = &c->list->item[c->at++];
	if (strncmp(m->name, c->run, n) || m->name[n] != '/' ||
	    strcmp(m->name + n + 1, item->path) || m->size != item->size ||
	    m->mtime != item->mtime)
		return 1;
	while ((got = tar_read(m, chunk, sizeof chunk)) > 0)
		sum = tar_sum(sum, chunk, (size_t)got);
	return got < 0 ? -1 : sum != item->sum;
}

/* reads the file back: is it what was packed? */
static int
verify(const struct run *r, int fd, const struct archive_list *l,
    struct buf *why)
{
	struct check c = { .run = r->name, .list = l };
	int x;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	x = tar_each(fd, check_member, &c, why);
	if (x < 0 || (x == 0 && c.at == l->n))
		return x;
	buf_str(why, "the archive, read back, is not what was packed");
	errno = EIO;
	return -1;
}

int
archive_pack(struct run *r, unsigned k, struct archive_packed *p,
    struct buf *why)
{
	int flags = O_RDWR | O_CREAT | O_EXCL, e;

	*p = (struct archive_packed){.fd = -1};
	/* our namesake is dead: there is one process of a number */
	snprintf(p->tmp, sizeof p->tmp, "archive.%s.pack%u", who_self(),
	    k);
	if (unlinkat(r->spool->tmp, p->tmp, 0) < 0 && errno != ENOENT)
		return -1;
	p->fd = io_open(r->spool->tmp, p->tmp, flags, 0600);
	if (p->fd < 0)
		return -1;
	if (list_run(r, &p->list) == 0 &&
	    pack_all(r, p->fd, &p->list, why) == 0)
		return 0;
	e = errno;
	archive_drop(r->spool, p);
	errno = e;
	return -1;
}

int
archive_publish(const struct run *r, struct archive_packed *p, int shelf,
    struct buf *why)
{
	char name[RUN_LEN + 8];

	snprintf(name, sizeof name, "%s.tar.gz", r->name);
	if (verify(r, p->fd, &p->list, why) < 0 ||
	    renameat(r->spool->tmp, p->tmp, shelf, name) < 0)
		return -1;
	p->tmp[0] = '\0';
	return 0;
}

int
archive_shelf(struct spool *sp, const char *dag)
{
	return io_make_dir(sp->fd, "archive", dag, spool_durable(sp));
}

void
archive_drop(struct spool *sp, struct archive_packed *p)
{
	if (p->fd < 0)
		return;
	if (p->tmp[0])
		unlinkat(sp->tmp, p->tmp, 0);
	close(p->fd);
	p->fd = -1;
	for (size_t i = 0; i < p->list.n; i++)
		free(p->list.item[i].path);
	free(p->list.item);
	p->list = (struct archive_list){NULL, 0};
}

struct strip {
	size_t prefix;
	const char *run;
	int (*f)(const struct tar_member *, void *);
	void *arg;
	bool foreign;
};

static int
strip_run(const struct tar_member *m, void *arg)
{
	struct strip *s = arg;
	struct tar_member inner = *m;

	if (strncmp(m->name, s->run, s->prefix) || m->name[s->prefix] != '/') {
		s->foreign = true;
		return -1;
	}
	inner.name += s->prefix + 1;
	return s->f(&inner, s->arg);
}

int
archive_each(struct spool *sp, const char *dag, const char *run,
    int (*f)(const struct tar_member *, void *), void *arg, struct buf *why)
{
	struct strip s = { strlen(run), run, f, arg, false };
	char path[ARCHIVE_PATH];
	int fd, x, e;

	archive_path(path, dag, run);
	fd = io_open_file(sp->fd, path, O_RDONLY, 0);
	if (fd < 0)
		return -1;
	x = tar_each(fd, strip_run, &s, why);
	e = errno;
	close(fd);
	if (s.foreign) {
		buf_str(why, "a member is not of this run");
		e = EBADMSG;
	}
	errno = e;
	return x;
}

struct get {
	const char *member;
	size_t max;
	struct buf *b;
};

static int
get_member(const struct tar_member *m, void *arg)
{
	const struct get *g = arg;
	/* what a task has left may be anything, all else is text */
	bool text = strncmp(m->name, "out/", 4) != 0;
	char piece[PIECE];
	ssize_t n;

	if (strcmp(m->name, g->member) != 0)
		return 0;
	if ((uint64_t)m->size > g->max) {
		errno = EFBIG;
		return -1;
	}
	/* no more at once than there is: its size may be a lie */
	for (size_t left = (size_t)m->size; left > 0; left -= (size_t)n) {
		n = tar_read(m, piece, left < PIECE ? left : PIECE);
		if (n < 0)
			return -1;
		if (n == 0 || (text && memchr(piece, '\0', (size_t)n))) {
			errno = EBADMSG;
			return -1;
		}
		buf_add(g->b, piece, (size_t)n);
		if (g->b->err) {
			errno = g->b->err;
			return -1;
		}
	}
	return 1;
}

int
archive_get(struct spool *sp, const char *dag, const char *run,
    const char *member, size_t max, struct buf *b, struct buf *why)
{
	struct get g = { member, max, b };
	int x = archive_each(sp, dag, run, get_member, &g, why);

	if (x == 0) {
		buf_fmt(why, "it has no %s", member);
		errno = ENOENT;
	}
	return x == 1 ? 0 : -1;
}
