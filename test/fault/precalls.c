/* precalls: the calls that preload.so makes go wrong, and the clock. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "case.h"
#include "preload.h"

/* the clock runs SPEED times as fast from FAULT_EPOCH on: what waits for a
 * second is there at once */
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int x;
	long long ns;
	REAL(clock_gettime);

	x = real(id, ts);
	if (!f.epoch || id != CLOCK_REALTIME || x < 0)
		return x;
	ns = ((ts->tv_sec - f.epoch) * 1000000000LL + ts->tv_nsec) * SPEED;
	ts->tv_sec = f.epoch + ns / 1000000000;
	ts->tv_nsec = ns % 1000000000;
	return x;
}

int
timerfd_settime(int fd, int flags, const struct itimerspec *new,
    struct itimerspec *old)
{
	struct itimerspec it = *new;
	long long ns;
	REAL(timerfd_settime);

	if (f.epoch && it.it_value.tv_sec) {
		ns = ((it.it_value.tv_sec - f.epoch) * 1000000000LL +
		    it.it_value.tv_nsec) / SPEED;
		it.it_value.tv_sec = f.epoch + ns / 1000000000;
		it.it_value.tv_nsec = ns % 1000000000;
	}
	return real(fd, flags, &it, old);
}

static int
can_open(const char *name, int fd, const char *path, int flags)
{
	if (!touches(fd, path))
		return 0;
	if (flags & O_CREAT)
		return hit("create", CAN(ENOSPC, EIO, EMFILE, EACCES, EINTR,
		    EROFS, ENOMEM), path);
	if ((flags & O_ACCMODE) != O_RDONLY)
		return hit(name, CAN(EIO, EMFILE, EACCES, EINTR, EROFS,
		    ENOMEM), path);
	return hit(name, CAN(EIO, EMFILE, EACCES, EINTR, ENOMEM), path);
}

/* openat2 that may make the file: does it? */
static long
create(const long *a)
{
	char path[1024];
	bool there = real_syscall(SYS_faccessat, a[0], a[1], F_OK) == 0;
	long fd = real_syscall(SYS_openat2, a[0], a[1], a[2], a[3]);

	if (fd >= 0 && !there)
		op('C', within((int)a[0], (const char *)a[1], path), NULL,
		    NULL, 0);
	return fd;
}

long
syscall(long n, ...)
{
	va_list ap;
	long a[6], x;
	int e;

	va_start(ap, n);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	/* struct open_how begins with 64 bits of flags */
	e = n == SYS_openat2 ? can_open("openat2", (int)a[0],
	    (const char *)a[1], (int)*(unsigned long long *)a[2]) : 0;
	if (e > 0) {
		errno = e;
		return -1;
	}
	if (n == SYS_openat2 && f.ops[0] && (*(int *)a[2] & O_CREAT))
		return create(a);
	x = real_syscall(n, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (n == SYS_openat2)
		learn((int)x, (int)a[0], (const char *)a[1]);
	return x;
}

#define OPEN(name, FD, ARGS, CALL) \
int \
name ARGS \
{ \
	va_list ap; \
	mode_t mode; \
	int e, x; \
	REAL(name); \
	va_start(ap, flags); \
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0; \
	va_end(ap); \
	e = can_open(#name, FD, path, flags); \
	if (e > 0) { \
		errno = e; \
		return -1; \
	} \
	x = real CALL; \
	learn(x, FD, path); \
	return x; \
}

OPEN(open, -1, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, fd, (int fd, const char *path, int flags, ...),
    (fd, path, flags, mode))

/* RET NAME(ARGS): fails as FD and PATH say, with one of the errnos */
#define CALL(RET, name, ARGS, PASS, FD, PATH, ...) \
RET \
name ARGS \
{ \
	REAL(name); \
	FAIL(#name, FD, PATH, __VA_ARGS__); \
	return real PASS; \
}

/* the same, of what changes the spool: then it is written down */
#define CHANGE(name, ARGS, PASS, FD, PATH, WHAT, FD2, PATH2, ...) \
int \
name ARGS \
{ \
	char p1[1024], p2[1024] = ""; \
	int x; \
	REAL(name); \
	FAIL(#name, FD, PATH, __VA_ARGS__); \
	if (f.ops[0]) { \
		within(FD, PATH, p1); \
		if (FD2 != -1) \
			within(FD2, PATH2, p2); \
	} \
	x = real PASS; \
	if (x == 0 && f.ops[0]) \
		op(WHAT, p1, p2, NULL, 0); \
	return x; \
}

CHANGE(renameat2, (int a, const char *old, int b, const char *new,
    unsigned flags), (a, old, b, new, flags),
    a, old, 'R', b, new,
    CHANGES)
CHANGE(renameat, (int a, const char *old, int b, const char *new),
    (a, old, b, new),
    a, old, 'R', b, new,
    CHANGES)
CHANGE(linkat, (int a, const char *old, int b, const char *new,
    int flags), (a, old, b, new, flags),
    a, old, 'L', b, new,
    CHANGES)
CHANGE(unlinkat, (int fd, const char *path, int flags), (fd, path, flags),
    fd, path, 'U', -1, NULL,
    EIO, EACCES, EROFS, ENOMEM)
CALL(int, unlink, (const char *path), (path), -1, path,
    EIO, EACCES, EROFS, ENOMEM)
CALL(int, mkdir, (const char *path, mode_t mode), (path, mode), -1, path,
    CHANGES)
CHANGE(mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode),
    fd, path, 'M', -1, NULL,
    CHANGES)
CHANGE(mknodat, (int fd, const char *path, mode_t mode, dev_t dev),
    (fd, path, mode, dev),
    fd, path, 'C', -1, NULL,
    CHANGES)
CHANGE(utimensat, (int fd, const char *path, const struct timespec t[2],
    int flags), (fd, path, t, flags),
    fd, path, (t && t[1].tv_sec == 0 ? 'Z' : 'T'), -1, NULL,
    EIO, EACCES, EROFS)
CHANGE(futimens, (int fd, const struct timespec t[2]), (fd, t),
    fd, NULL, (t && t[1].tv_sec == 0 ? 'Z' : 'T'), -1, NULL,
    EIO, EACCES, EROFS)
CALL(int, fchmod, (int fd, mode_t mode), (fd, mode), fd, NULL, EIO, EROFS)
CALL(int, ftruncate, (int fd, off_t size), (fd, size), fd, NULL, EIO, EINTR,
    EROFS)
CHANGE(fsync, (int fd), (fd),
    fd, NULL, 'S', -1, NULL,
    EIO, ENOSPC, EROFS)
CALL(int, fdatasync, (int fd), (fd), fd, NULL, EIO, ENOSPC, EROFS)
CHANGE(syncfs, (int fd), (fd),
    fd, NULL, 'A', -1, NULL,
    EIO, ENOSPC)
CALL(int, fstat, (int fd, struct stat *st), (fd, st), fd, NULL, EIO, ENOMEM)
CALL(int, stat, (const char *path, struct stat *st), (path, st), -1, path,
    EIO, EACCES, ENOMEM)
CALL(int, fstatat, (int fd, const char *path, struct stat *st, int flags),
    (fd, path, st, flags), fd, path, EIO, EACCES, ENOMEM)
CALL(int, faccessat, (int fd, const char *path, int mode, int flags),
    (fd, path, mode, flags), fd, path, EIO, EACCES, ENOMEM)
CALL(int, access, (const char *path, int mode), (path, mode), -1, path,
    EIO, EACCES, ENOMEM)

/* to let go of a lock needs nothing, and cannot fail */
int
flock(int fd, int op)
{
	REAL(flock);

	if (op & LOCK_UN)
		FAIL("flock", fd, NULL, 0);
	else
		FAIL("flock", fd, NULL, EINTR, ENOMEM);
	return real(fd, op);
}

int
fcntl(int fd, int op, ...)
{
	va_list ap;
	void *arg;
	REAL(fcntl);

	va_start(ap, op);
	arg = va_arg(ap, void *);
	va_end(ap);
	if ((op == F_OFD_SETLK || op == F_OFD_SETLKW) &&
	    ((struct flock *)arg)->l_type == F_UNLCK)
		FAIL("fcntl", fd, NULL, 0);
	else if (op == F_OFD_SETLK || op == F_OFD_SETLKW ||
	    op == F_OFD_GETLK)
		FAIL("fcntl", fd, NULL, EINTR, ENOMEM);
	return real(fd, op, arg);
}

int
inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	int e = f.on ? hit("inotify_add_watch", CAN(ENOSPC, EACCES, ENOMEM),
	    path) : 0;
	REAL(inotify_add_watch);

	if (e > 0) {
		errno = e;
		return -1;
	}
	return real(fd, path, mask);
}

/* how much of n to ask for, when a transfer is to be short; -1 it fails */
static ssize_t
amount(const char *name, int fd, size_t n)
{
	int e = touches(fd, NULL) ? (*name == 'w' ? hit(name, CAN(ENOSPC, EIO,
	    EINTR, EROFS, CUT), NULL) : hit(name, CAN(EIO, EINTR, CUT),
	    NULL)) : 0;

	if (e > 0) {
		errno = e;
		return -1;
	}
	return (ssize_t)(e == CUT && n > 1 ? n / 2 : n);
}

ssize_t
read(int fd, void *p, size_t n)
{
	ssize_t m = amount("read", fd, n);
	REAL(read);

	return m < 0 ? -1 : real(fd, p, (size_t)m);
}

ssize_t
pread(int fd, void *p, size_t n, off_t at)
{
	ssize_t m = amount("pread", fd, n);
	REAL(pread);

	return m < 0 ? -1 : real(fd, p, (size_t)m, at);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	ssize_t m = amount("write", fd, n), x;
	char path[1024];
	REAL(write);

	x = m < 0 ? -1 : real(fd, p, (size_t)m);
	if (x > 0 && f.ops[0])
		op('W', within(fd, NULL, path), NULL, p, (size_t)x);
	return x;
}

/* the descriptor is gone whatever close says */
int
close(int fd)
{
	int e = touches(fd, NULL) ? hit("close", CAN(EIO, EINTR, ENOSPC),
	    NULL) : 0, x;
	REAL(close);

	x = real(fd);
	forget((unsigned)fd, (unsigned)fd);
	if (e <= 0)
		return x;
	errno = e;
	return -1;
}

/* the other ways to have a number stand for something else */
int
dup2(int from, int to)
{
	REAL(dup2);

	forget((unsigned)to, (unsigned)to);
	return real(from, to);
}

int
close_range(unsigned from, unsigned to, int flags)
{
	REAL(close_range);

	forget(from, to);
	return real(from, to, flags);
}

int
closedir(DIR *d)
{
	int fd = dirfd(d);
	REAL(closedir);

	forget((unsigned)fd, (unsigned)fd);
	return real(d);
}

int
fclose(FILE *stream)
{
	int fd = fileno(stream);
	REAL(fclose);

	forget((unsigned)fd, (unsigned)fd);
	return real(stream);
}

/* of a stream the first only: one system call serves many */
static DIR *reading;

struct dirent *
readdir(DIR *d)
{
	int e = d != reading && touches(dirfd(d), NULL) ? hit("readdir",
	    CAN(EIO, ENOMEM), NULL) : 0;
	REAL(readdir);

	reading = d;

	if (e <= 0)
		return real(d);
	errno = e;
	return NULL;
}

DIR *
fdopendir(int fd)
{
	int e = touches(fd, NULL) ? hit("fdopendir", CAN(ENOMEM), NULL) : 0;
	REAL(fdopendir);

	reading = NULL;
	if (e <= 0)
		return real(fd);
	errno = e;
	return NULL;
}

/* FAULT_FS: the file system that the spool is to seem to lie on */
int
fstatfs(int fd, struct statfs *fs)
{
	int x;
	REAL(fstatfs);

	x = real(fd, fs);
	if (x == 0 && getenv("FAULT_FS"))
		fs->f_type = strtol(getenv("FAULT_FS"), NULL, 0);
	return x;
}
