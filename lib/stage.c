/* stage: $DAG_STAGE: made, published over a task's outputs, taken away. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "rec.h"
#include "stage.h"

int
stage_remove(const char *stage)
{
	char *paths[] = {(char *)(uintptr_t)stage, NULL};
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *f;
	int x = tree ? 0 : -1, e = errno;

	while (tree && (f = fts_read(tree))) {
		if (f->fts_info == FTS_D)
			continue;
		if ((f->fts_info == FTS_DP ? rmdir(f->fts_accpath) :
		    unlink(f->fts_accpath)) < 0 && errno != ENOENT) {
			e = errno;
			x = -1;
		}
	}
	if (tree)
		fts_close(tree);
	errno = e;
	return x;
}

/* the length of a path's directory, "" for what is in the root */
static size_t
dir_len(const char *path)
{
	return (size_t)(strrchr(path, '/') - path);
}

/* a file's own directory: copied into a buffer of PATH_MAX */
static const char *
dir_of(const char *path, char *dir)
{
	size_t n = dir_len(path);

	snprintf(dir, PATH_MAX, "%.*s", n ? (int)n : 1, path);
	return dir;
}

/* mkdir -p of the directory of a path */
static int
make_dir_of(const char *path)
{
	char dir[PATH_MAX];

	if (strlen(path) >= PATH_MAX - NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	dir_of(path, dir);
	if (access(dir, F_OK) == 0)
		return 0;
	for (char *p = dir + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(dir, 0777) < 0 && errno != EEXIST)
			return -1;
		*p = '/';
	}
	return mkdir(dir, 0777) < 0 && errno != EEXIST ? -1 : 0;
}

int
stage_make(const struct target *t, int fd, struct buf *why)
{
	const char *p = t->outputs.p, *end = p + t->outputs.n;
	struct buf b = BUF_INIT;
	int x;

	if (t->outputs.n == 0)
		return 0;
	for (; p < end; p += strlen(p) + 1)
		if (make_dir_of(p) < 0) {
			buf_fmt(why, "output: %s: its directory: %s", p,
			    strerror(errno));
			return -1;
		}
	rec_put(&b, "stage", t->stage.p);
	x = marker_event(fd, "stage", &b, NULL);
	buf_free(&b);
	if (x <= 0 || stage_remove(t->stage.p) < 0 ||
	    mkdir(t->stage.p, 0700) < 0) {
		buf_fmt(why, "output: %s: %s", t->stage.p, strerror(errno));
		return -1;
	}
	return 0;
}

/* would a rename between them do? */
static bool
same_mount(const char *a, const char *b)
{
	struct statx x, y;

	return statx(AT_FDCWD, a, AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &x) == 0 &&
	    statx(AT_FDCWD, b, 0, STATX_MNT_ID, &y) == 0 &&
	    x.stx_dev_major == y.stx_dev_major &&
	    x.stx_dev_minor == y.stx_dev_minor &&
	    x.stx_mnt_id == y.stx_mnt_id;
}

static int
sync_path(struct spool *sp, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), x = -1, e;

	if (fd >= 0)
		x = spool_sync(sp, fd);
	e = errno;
	if (fd >= 0)
		close(fd);
	errno = e;
	return x;
}

static int
copy(struct spool *sp, const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out = -1, e;
	char block[65536];
	struct stat st;
	ssize_t n = -1;

	if (in < 0 || fstat(in, &st) < 0)
		goto end;
	unlink(to);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0 || fchmod(out, st.st_mode & 07777) < 0)
		goto end;
	while ((n = read(in, block, sizeof block)) > 0)
		if (write_all(out, block, (size_t)n) < 0)
			goto undo;
	if (n == 0 && spool_sync(sp, out) == 0)
		goto end;
undo:
	e = errno;
	unlink(to);
	errno = e;
	n = -1;
end:
	e = errno;
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	errno = e;
	return n < 0 ? -1 : 0;
}

/* one that is to be put into its place */
struct piece {
	char from[PATH_MAX], to[PATH_MAX];
	unsigned long long ino;
};

/*
 * Idempotent: what has been done already is seen, by the file from which is
 * not there, or by the inode of a directory that was exchanged.
 */
static int
place(struct spool *sp, const struct piece *p)
{
	char dir[PATH_MAX];
	struct stat from, to;
	bool there;

	if (lstat(p->from, &from) < 0)
		return errno == ENOENT ? 0 : -1;
	there = lstat(p->to, &to) == 0;
	if (!there && errno != ENOENT)
		return -1;
	if (there && S_ISDIR(from.st_mode) && S_ISDIR(to.st_mode)) {
		if (to.st_ino != p->ino && renameat2(AT_FDCWD, p->from,
		    AT_FDCWD, p->to, RENAME_EXCHANGE) < 0)
			return -1;
	} else if (rename(p->from, p->to) < 0)
		return -1;
	return sync_path(sp, dir_of(p->to, dir));
}

/* the i-th piece of a marker's line; false: there are no more */
static bool
piece(const struct marker_line *l, unsigned i, struct piece *p)
{
	char key[24], ino[24];

	snprintf(key, sizeof key, "from.%u", i);
	if (!marker_field(l, key, p->from, sizeof p->from))
		return false;
	snprintf(key, sizeof key, "ino.%u", i);
	marker_field(l, key, ino, sizeof ino);
	p->ino = strtoull(ino, NULL, 10);
	snprintf(key, sizeof key, "to.%u", i);
	return marker_field(l, key, p->to, sizeof p->to);
}

static int
place_all(struct spool *sp, const struct marker_line *l, const char *stage)
{
	struct piece p;

	for (unsigned i = 1; piece(l, i, &p); i++)
		if (place(sp, &p) < 0)
			return -1;
	/* what was in the place of a directory is in there now */
	stage_remove(stage);
	return 0;
}

/* the output that a name in the stage is for; NULL, and why */
static const char *
output_of(const struct target *t, const char *name, struct buf *why)
{
	const char *p = t->outputs.p, *end = p + t->outputs.n, *found = NULL;

	for (; p < end; p += strlen(p) + 1) {
		if (strcmp(strrchr(p, '/') + 1, name) != 0)
			continue;
		if (found) {
			buf_fmt(why, "output: two are called %s: which of "
			    "them is that in $DAG_STAGE?", name);
			return NULL;
		}
		found = p;
	}
	if (!found)
		buf_fmt(why, "output: none is called %s, which is in "
		    "$DAG_STAGE", name);
	return found;
}

/* beside the output, for one that is on another file system */
static void
beside(const struct target *t, const char *to, char *path)
{
	snprintf(path, PATH_MAX, "%.*s/%s.%s", (int)dir_len(to), to,
	    strrchr(t->stage.p, '/') + 1, strrchr(to, '/') + 1);
}

/* adds a piece to the line; what could not be renamed is copied; 1, why */
static int
prepare(struct spool *sp, const struct target *t, const char *name, unsigned i,
    struct buf *line, struct buf *why)
{
	const char *to = output_of(t, name, why);
	char from[PATH_MAX], dir[PATH_MAX], path[PATH_MAX + NAME_MAX];
	struct stat st, old;
	bool there;

	if (!to)
		return 1;
	snprintf(path, sizeof path, "%s/%s", t->stage.p, name);
	snprintf(from, sizeof from, "%.*s", PATH_MAX - 1, path);
	if (lstat(from, &st) < 0) {
		buf_fmt(why, "output: %s: %s", from, strerror(errno));
		return 1;
	}
	there = lstat(to, &old) == 0;
	if (there && S_ISDIR(old.st_mode) != S_ISDIR(st.st_mode)) {
		buf_fmt(why, "output: %s: there is %s in its place", to,
		    S_ISDIR(old.st_mode) ? "a directory" : "a file");
		return 1;
	}
	if (!same_mount(from, dir_of(to, dir))) {
		if (!S_ISREG(st.st_mode)) {
			buf_fmt(why, "output: %s: it is on another file system "
			    "than the first one: only a plain file can be "
			    "published there", to);
			return 1;
		}
		beside(t, to, path);
		if (copy(sp, from, path) < 0) {
			buf_fmt(why, "output: %s: %s", path, strerror(errno));
			return 1;
		}
		snprintf(from, sizeof from, "%.*s", PATH_MAX - 1, path);
	}
	snprintf(path, sizeof path, "from.%u", i);
	rec_put(line, path, from);
	snprintf(path, sizeof path, "to.%u", i);
	rec_put(line, path, to);
	snprintf(path, sizeof path, "ino.%u", i);
	rec_putf(line, path, "%llu", (unsigned long long)st.st_ino);
	return 0;
}

/* are all outputs there, or in the stage? */
static bool
complete(const struct target *t, const struct names *in, struct buf *why)
{
	const char *p = t->outputs.p, *end = p + t->outputs.n;
	bool staged;

	for (; p < end; p += strlen(p) + 1) {
		staged = false;
		for (size_t i = 0; i < in->n && !staged; i++)
			staged = strcmp(in->name[i], strrchr(p, '/') + 1) == 0;
		if (!staged && access(p, F_OK) < 0) {
			buf_fmt(why, "output: %s: %s", p, errno == ENOENT ?
			    "it is not there" : strerror(errno));
			return false;
		}
	}
	return true;
}

/* what was copied for nothing */
static void
undo(const struct target *t, const struct names *in)
{
	const char *p = t->outputs.p, *end = p + t->outputs.n;
	char path[PATH_MAX];

	for (; in->n > 0 && p < end; p += strlen(p) + 1) {
		beside(t, p, path);
		unlink(path);
	}
}

static int
commit(struct spool *sp, int fd, const struct buf *line, struct buf *why)
{
	int x = marker_event(fd, "publish", line, NULL);

	if (x < 0)
		return -1;
	if (x == 0) {
		buf_fmt(why, "output: %s", strerror(errno));
		return 1;
	}
	return spool_sync(sp, fd);
}

/* the line that was written, as a marker's */
static int
go_on(struct spool *sp, const struct target *t, struct buf *line)
{
	struct marker_line l = {.event = "publish",
	    .fields = buf_cstr(line) + 1};

	return place_all(sp, &l, t->stage.p);
}

int
stage_publish(struct spool *sp, const struct target *t, int fd, unsigned n,
    const char *mark, struct buf *why)
{
	struct names in = {0};
	struct buf line = BUF_INIT;
	int dir = open(t->stage.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
	    O_NOFOLLOW), x = 0, e;

	rec_putf(&line, "attempt", "%u", n);
	rec_put(&line, "stage", t->stage.p);
	rec_put(&line, "made", mark);
	if (dir >= 0 && names_list(dir, ".", &in) < 0)
		x = -1;
	if (x == 0 && !complete(t, &in, why))
		x = 1;
	for (size_t i = 0; x == 0 && i < in.n; i++)
		x = prepare(sp, t, in.name[i], (unsigned)i + 1, &line, why);
	if (x == 0 && in.n > 0 && io_sync_all(dir, spool_durable(sp)) < 0)
		x = -1;
	if (x == 0 && in.n > 0 && line.err) {
		errno = line.err;
		x = -1;
	}
	if (x == 0 && in.n > 0)
		x = commit(sp, fd, &line, why);
	if (x == 1)
		undo(t, &in);
	else if (x == 0 && in.n > 0)
		x = go_on(sp, t, &line);
	e = errno;
	if (dir >= 0)
		close(dir);
	names_free(&in);
	buf_free(&line);
	errno = e;
	return x;
}

int
stage_recover(struct spool *sp, char *text, char mark[TARGET_MARK])
{
	struct marker_line l, last = {0};
	char stage[PATH_MAX] = "";

	while (marker_next(&text, &l)) {
		if (strcmp(l.event, "stage") == 0)
			marker_field(&l, "stage", stage, sizeof stage);
		else if (strcmp(l.event, "publish") == 0)
			last = l;
		else if (strcmp(l.event, "end") == 0 ||
		    strcmp(l.event, "lost") == 0) {
			last.event = NULL;
			stage[0] = '\0';
		}
	}
	if (!last.event) {
		if (stage[0])
			stage_remove(stage);
		return 0;
	}
	marker_field(&last, "stage", stage, sizeof stage);
	marker_field(&last, "made", mark, TARGET_MARK);
	return place_all(sp, &last, stage) < 0 ? -1 : 1;
}
