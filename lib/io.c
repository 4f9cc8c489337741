/* io: opening files beneath a directory, locking bytes, syncing. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "buf.h"
#include "io.h"
#include "who.h"

enum {
	MOVED = 8,	/* times in a row that a file may move when opened */
	PATH_LEN = 512,	/* of a path beneath the spool, at most */
};

int
io_open(int dirfd, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		/* a descriptor that is but a place takes no more */
		.flags = (unsigned)flags | O_CLOEXEC |
		    (flags & O_PATH ? 0 : O_NOCTTY),
		.mode = flags & (O_CREAT | O_TMPFILE) ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS,
	};
	int again = MOVED;
	long fd;

	/* EXDEV: it is no more beneath dirfd, perhaps because it was renamed
	 * while it was opened, as a marker is by who claims it: see anew */
	do
		fd = syscall(SYS_openat2, dirfd, path, &how, sizeof how);
	while (fd < 0 && (errno == EINTR || errno == EAGAIN ||
	    (errno == EXDEV && again-- > 0)));
	return (int)fd;
}

int
io_open_file(int dirfd, const char *path, int flags, mode_t mode)
{
	struct stat st;

	return io_open_stat(dirfd, path, flags, mode, &st);
}

int
io_open_stat(int dirfd, const char *path, int flags, mode_t mode,
    struct stat *st)
{
	int fd, e;

	fd = io_open(dirfd, path, flags | O_NONBLOCK, mode);
	if (fd < 0)
		return -1;
	e = fstat(fd, st) < 0 ? errno :
	    S_ISREG(st->st_mode) && st->st_nlink <= 1 ? 0 : EBADMSG;
	if (!e)
		return fd;
	close(fd);
	errno = e;
	return -1;
}

/*
 * A place beneath dirfd: of a path of several names a descriptor of its own;
 * else -1, and *plain says that path is to be looked at as it is: it is one
 * name, or there is no descriptor to be had, and it is but looked at.
 */
static int
place(int dirfd, const char *path, bool *plain)
{
	int fd = -1;

	*plain = !strchr(path, '/');
	if (!*plain) {
		fd = io_open(dirfd, path, O_PATH | O_NOFOLLOW, 0);
		*plain = fd < 0 && (errno == EMFILE || errno == ENFILE);
	}
	return fd;
}

static void
close_quietly(int fd)
{
	int e = errno;

	close(fd);
	errno = e;
}

int
io_exists(int dirfd, const char *path)
{
	bool plain;
	int fd = place(dirfd, path, &plain);

	if (fd >= 0)
		close(fd);
	if (fd >= 0 || (plain &&
	    faccessat(dirfd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0))
		return 1;
	return errno == ENOENT ? 0 : -1;
}

int
io_stat(int dirfd, const char *path, struct stat *st)
{
	bool plain;
	int fd = place(dirfd, path, &plain), x = -1;

	if (plain)
		return fstatat(dirfd, path, st, AT_SYMLINK_NOFOLLOW);
	if (fd >= 0) {
		x = fstat(fd, st);
		close_quietly(fd);
	}
	return x;
}

/* the last name of a path; *fd becomes its directory, to be closed if it is
 * another. NULL and errno */
static const char *
last_name(int *fd, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_LEN];

	if (!slash)
		return path;
	if (slash - path >= PATH_LEN) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	*fd = io_open(*fd, dir, O_PATH | O_DIRECTORY, 0);
	return *fd < 0 ? NULL : slash + 1;
}

int
io_unlink(int dirfd, const char *path)
{
	int dir = dirfd, x;
	const char *name = last_name(&dir, path);

	if (!name)
		return -1;
	x = unlinkat(dir, name, 0);
	if (dir != dirfd)
		close_quietly(dir);
	return x;
}

int
io_touch(int dirfd, const char *path, const struct timespec ts[2])
{
	int dir = dirfd, x;
	const char *name = last_name(&dir, path);

	if (!name)
		return -1;
	x = utimensat(dir, name, ts, AT_SYMLINK_NOFOLLOW);
	if (dir != dirfd)
		close_quietly(dir);
	return x;
}

static int
place_in(int olddir, const char *old, int newdir, const char *new)
{
	int x = renameat2(olddir, old, newdir, new, RENAME_NOREPLACE);

	if (x == 0 || errno != EINVAL)
		return x;
	x = io_exists(newdir, new);
	if (x > 0)
		errno = EEXIST;
	return x != 0 ? -1 : renameat(olddir, old, newdir, new);
}

static int
link_in(int olddir, const char *old, int newdir, const char *new)
{
	return linkat(olddir, old, newdir, new, 0);
}

/* does one of these with the last names of two paths */
static int
both(int olddir, const char *old, int newdir, const char *new,
    int (*call)(int, const char *, int, const char *))
{
	int a = olddir, b = newdir, x = -1;
	const char *from = last_name(&a, old), *to;

	if (!from)
		return -1;
	to = last_name(&b, new);
	if (to)
		x = call(a, from, b, to);
	if (a != olddir)
		close_quietly(a);
	if (to && b != newdir)
		close_quietly(b);
	return x;
}

int
io_link(int olddir, const char *old, int newdir, const char *new)
{
	return both(olddir, old, newdir, new, link_in);
}

int
io_replace(int olddir, const char *old, int newdir, const char *new)
{
	return both(olddir, old, newdir, new, renameat);
}

int
io_place(int olddir, const char *old, int newdir, const char *new)
{
	return both(olddir, old, newdir, new, place_in);
}

/* 0, or an errno: may all of it be read? */
static int
readable(int fd, size_t max, bool text)
{
	struct stat st;
	int x = 1;

	if (fstat(fd, &st) < 0)
		return errno;
	/* a fifo that nobody writes would look like an empty file */
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? EISDIR : EBADMSG;
	if ((uint64_t)st.st_size > max)
		return EFBIG;
	if (text)
		x = file_is_text(fd, (size_t)st.st_size);
	return x < 0 ? errno : x > 0 ? 0 : EBADMSG;
}

static int
read_file(int dirfd, const char *path, struct buf *b, size_t max, bool text)
{
	int fd = io_open(dirfd, path, O_RDONLY | O_NONBLOCK, 0), e;

	if (fd < 0)
		return -1;
	e = readable(fd, max, text);
	if (!e && buf_read(b, fd, max) < 0)
		e = errno;
	close(fd);
	errno = e;
	return e ? -1 : 0;
}

int
io_read(int dirfd, const char *path, struct buf *b, size_t max)
{
	return read_file(dirfd, path, b, max, false);
}

int
io_read_text(int dirfd, const char *path, struct buf *b, size_t max)
{
	return read_file(dirfd, path, b, max, true);
}

static int
synced(int fd, int (*sync)(int), int *broken)
{
	if (!broken)
		return 0;
	if (!*broken && sync(fd) < 0)
		*broken = errno;
	if (!*broken)
		return 0;
	errno = *broken;
	return -1;
}

int
io_sync(int fd, int *broken)
{
	return synced(fd, fsync, broken);
}

int
io_sync_all(int fd, int *broken)
{
	return synced(fd, syncfs, broken);
}

int
io_make_dir(int dirfd, const char *in, const char *name, int *broken)
{
	int top = io_open(dirfd, in, O_RDONLY | O_DIRECTORY, 0), fd = -1, e;

	if (top < 0)
		return -1;
	/* who made it before us may have died before it was synced */
	if ((mkdirat(top, name, 0700) == 0 || errno == EEXIST) &&
	    io_sync(top, broken) == 0)
		fd = io_open(top, name, O_RDONLY | O_DIRECTORY, 0);
	e = errno;
	close(top);
	errno = e;
	return fd;
}

int
io_write_file(int tmpfd, int dirfd, const char *name, const struct buf *b,
    int *broken)
{
	char tmp[64];
	int fd, e;

	if (b->err) {
		errno = b->err;
		return -1;
	}
	snprintf(tmp, sizeof tmp, "write.%s", who_self());
	fd = io_open(tmpfd, tmp, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		return -1;
	if (write_all(fd, b->p, b->n) < 0 || io_sync(fd, broken) < 0) {
		e = errno;
		close(fd);
		goto undo;
	}
	if (close(fd) < 0) {
		e = errno;
		goto undo;
	}
	if (renameat(tmpfd, tmp, dirfd, name) < 0) {
		e = errno;
		goto undo;
	}
	return io_sync(dirfd, broken);
undo:
	unlinkat(tmpfd, tmp, 0);
	errno = e;
	return -1;
}

static int
lock(int fd, int op, off_t byte, int type)
{
	struct flock fl = {
		.l_type = (short)type, .l_whence = SEEK_SET,
		.l_start = byte, .l_len = 1,
	};
	int r;

	do
		r = fcntl(fd, op, &fl);
	while (r < 0 && errno == EINTR);
	return r;
}

int
io_lock(int fd, off_t byte, bool shared)
{
	int r = lock(fd, F_OFD_SETLK, byte, shared ? F_RDLCK : F_WRLCK);

	if (r < 0 && errno == EACCES)
		errno = EAGAIN;
	return r;
}

int
io_lock_wait(int fd, off_t byte, bool shared)
{
	return lock(fd, F_OFD_SETLKW, byte, shared ? F_RDLCK : F_WRLCK);
}

int
io_unlock(int fd, off_t byte)
{
	return lock(fd, F_OFD_SETLK, byte, F_UNLCK);
}

/* len 0: all from there on */
static int
locked(int fd, off_t start, off_t len)
{
	struct flock fl = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET,
		.l_start = start, .l_len = len,
	};

	if (fcntl(fd, F_OFD_GETLK, &fl) < 0)
		return -1;
	return fl.l_type != F_UNLCK;
}

int
io_locked(int fd, off_t byte)
{
	return locked(fd, byte, 1);
}

int
io_locked_beside(int fd, off_t byte)
{
	int x = byte > 1 ? locked(fd, 1, byte - 1) : 0;

	return x != 0 ? x : locked(fd, byte + 1, 0);
}
