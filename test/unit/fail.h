/*
 * fail: makes one allocation, or one call, of the library fail.
 *
 * The calls of fail_calls in the Makefile come here (ld --wrap). fail_sweep
 * has each of them fail in turn, once and from there on, in a piece of work;
 * it must then say so (-1 and that errno) or do all the same as undisturbed,
 * and leave nothing behind: no memory, no descriptor.
 */
#ifndef FAIL_H
#define FAIL_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "tap.h"

enum { FAIL_SHORT = -1 };	/* in place of an errno: half of the bytes */

static struct {
	bool on, forever, hit;
	int err;
	unsigned long n, at;
	long live;		/* allocations that have not been freed */
	long fs;		/* the file system that all seems to lie on */
} fail;

/* is this the one that is to fail with that? */
static inline bool
fail_now(int err)
{
	if (!fail.on || fail.err != err || ++fail.n < fail.at ||
	    (fail.n > fail.at && !fail.forever))
		return false;
	fail.hit = true;
	errno = err;
	return true;
}

#define FAIL_WRAP(ret, name, args, pass, bad, when) \
ret __real_##name args; \
ret __wrap_##name args; \
ret \
__wrap_##name args \
{ \
	if (when) \
		return bad; \
	return __real_##name pass; \
}
#define FAIL_CALL(name, args, pass) \
	FAIL_WRAP(int, name, args, pass, -1, fail_now(EIO))
/* one that a signal can interrupt */
#define FAIL_SLOW(ret, name, args, pass) \
	FAIL_WRAP(ret, name, args, pass, -1, \
	    fail_now(EIO) || fail_now(EINTR))
#define FAIL_ALLOC(name, args, pass) \
void *__real_##name args; \
void *__wrap_##name args; \
void * \
__wrap_##name args \
{ \
	void *p = fail_now(ENOMEM) ? NULL : __real_##name pass; \
	fail.live += p != NULL; \
	return p; \
}

FAIL_ALLOC(malloc, (size_t n), (n))
FAIL_ALLOC(calloc, (size_t n, size_t size), (n, size))
FAIL_ALLOC(strdup, (const char *s), (s))
FAIL_ALLOC(getcwd, (char *to, size_t n), (to, n))
FAIL_ALLOC(realpath, (const char *s, char *to), (s, to))

void *__real_realloc(void *, size_t);
void *__wrap_realloc(void *, size_t);
void *
__wrap_realloc(void *old, size_t n)
{
	void *p = fail_now(ENOMEM) ? NULL : __real_realloc(old, n);

	fail.live += p && !old;
	return p;
}

void *__wrap_reallocarray(void *, size_t, size_t);
void *
__wrap_reallocarray(void *old, size_t n, size_t size)
{
	return __wrap_realloc(old, n * size);
}

void __real_free(void *);
void __wrap_free(void *);
void
__wrap_free(void *p)
{
	fail.live -= p != NULL;
	__real_free(p);
}

int __wrap_asprintf(char **, const char *, ...);
int
__wrap_asprintf(char **s, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (fail_now(ENOMEM))
		return -1;
	va_start(ap, fmt);
	n = vasprintf(s, fmt, ap);
	va_end(ap);
	fail.live += n >= 0;
	return n;
}

FAIL_WRAP(DIR *, fdopendir, (int fd), (fd), NULL, fail_now(ENOMEM))
FAIL_WRAP(struct dirent *, readdir, (DIR *d), (d), NULL, fail_now(EIO))
FAIL_CALL(fstat, (int fd, struct stat *st), (fd, st))
FAIL_CALL(fstatat, (int fd, const char *p, struct stat *st, int how),
    (fd, p, st, how))
FAIL_CALL(stat, (const char *p, struct stat *st), (p, st))
FAIL_CALL(faccessat, (int fd, const char *p, int mode, int how),
    (fd, p, mode, how))
FAIL_CALL(mkdir, (const char *p, mode_t mode), (p, mode))
FAIL_CALL(mkdirat, (int fd, const char *p, mode_t mode), (fd, p, mode))
FAIL_CALL(mknodat, (int fd, const char *p, mode_t mode, dev_t dev),
    (fd, p, mode, dev))
FAIL_CALL(utimensat, (int fd, const char *p, const struct timespec *t,
    int how), (fd, p, t, how))
FAIL_CALL(futimens, (int fd, const struct timespec *t), (fd, t))
FAIL_CALL(fsync, (int fd), (fd))
FAIL_CALL(syncfs, (int fd), (fd))
FAIL_CALL(ftruncate, (int fd, off_t n), (fd, n))
/* EINVAL: a file system that cannot refuse to replace */
FAIL_WRAP(int, renameat2, (int a, const char *p, int b, const char *q,
    unsigned how), (a, p, b, q, how), -1, fail_now(EIO) || fail_now(EINVAL))
FAIL_CALL(renameat, (int a, const char *p, int b, const char *q),
    (a, p, b, q))
int __real_fstatfs(int, struct statfs *);
int __wrap_fstatfs(int, struct statfs *);
int
__wrap_fstatfs(int fd, struct statfs *fs)
{
	int x = fail_now(EIO) ? -1 : __real_fstatfs(fd, fs);

	if (x == 0 && fail.fs)
		fs->f_type = fail.fs;
	return x;
}

FAIL_SLOW(int, flock, (int fd, int op), (fd, op))

/* the descriptor is gone whatever close says */
int __real_close(int);
int __wrap_close(int);
int
__wrap_close(int fd)
{
	int x = __real_close(fd);

	return fail_now(EIO) ? -1 : x;
}

int __real_fcntl(int, int, ...);
int __wrap_fcntl(int, int, ...);
int
__wrap_fcntl(int fd, int op, ...)
{
	va_list ap;
	void *arg;

	if (fail_now(EIO) || fail_now(EINTR))
		return -1;
	va_start(ap, op);
	arg = va_arg(ap, void *);
	va_end(ap);
	return __real_fcntl(fd, op, arg);
}


/* flags that make a file are of no use in what is tested here but in openat2,
 * which is a syscall(2) */
int __real_open(const char *, int, ...);
int __wrap_open(const char *, int, ...);
int
__wrap_open(const char *path, int flags, ...)
{
	if (fail_now(EIO) || fail_now(EINTR))
		return -1;
	return __real_open(path, flags, 0600);
}

long __real_syscall(long, ...);
long __wrap_syscall(long, ...);
long
__wrap_syscall(long number, ...)
{
	va_list ap;
	long a[6];

	if (fail_now(EIO) || fail_now(EINTR))
		return -1;
	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* how much of n is to be had; -1: nothing */
static inline ssize_t
fail_amount(size_t n)
{
	if (fail_now(EIO) || fail_now(EINTR) || fail_now(ENOSPC) ||
	    fail_now(EDQUOT) || fail_now(EFBIG))
		return -1;
	return (ssize_t)(n > 1 && fail_now(FAIL_SHORT) ? n / 2 : n);
}

#define FAIL_TRANSFER(name, args, pass) \
ssize_t __real_##name args; \
ssize_t __wrap_##name args; \
ssize_t \
__wrap_##name args \
{ \
	ssize_t m = fail_amount(n); \
	return m < 0 ? -1 : __real_##name pass; \
}

FAIL_TRANSFER(read, (int fd, void *p, size_t n), (fd, p, (size_t)m))
FAIL_TRANSFER(pread, (int fd, void *p, size_t n, off_t at),
    (fd, p, (size_t)m, at))
FAIL_TRANSFER(write, (int fd, const void *p, size_t n), (fd, p, (size_t)m))

static char fail_dir[64];

static inline void
fail_leave(void)
{
	char command[80];

	snprintf(command, sizeof command, "rm -rf %s", fail_dir);
	if (chdir("/") < 0 || system(command) != 0)
		perror(fail_dir);
}

/* goes into a directory of its own, which is removed at the end */
static inline void
fail_enter(void)
{
	snprintf(fail_dir, sizeof fail_dir, "%s/dagfail.XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(fail_dir) || chdir(fail_dir) < 0)
		exit(111);
	atexit(fail_leave);
}

/* how many descriptors are open */
static inline unsigned
fail_open(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += __real_fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* a piece of work: 0 and what it came to, or -1 and errno */
typedef int fail_work(struct buf *out, const void *arg);

/* one try: is it as it must be? */
static inline bool
fail_try(const char *what, fail_work *work, const void *arg,
    const struct buf *want)
{
	struct buf got = BUF_INIT;
	unsigned open = fail_open();
	long live = fail.live;
	bool good;
	int x, e;

	fail.n = 0;
	fail.hit = false;
	fail.on = true;
	x = work(&got, arg);
	e = errno;
	fail.on = false;
	good = x < 0 ? e == fail.err : got.n == want->n &&
	    (!got.n || memcmp(got.p, want->p, got.n) == 0);
	if (!good)
		printf("# %s: %lu of errno %d%s: %d, %s\n%.*s\n", what,
		    fail.at, fail.err, fail.forever ? " for ever" : "", x,
		    strerror(e), (int)got.n, got.p);
	buf_free(&got);
	if (fail.live != live || fail_open() != open) {
		printf("# %s: %lu of errno %d%s: %ld left, %u open\n", what,
		    fail.at, fail.err, fail.forever ? " for ever" : "",
		    fail.live - live, fail_open() - open);
		fail.live = live;
		good = false;
	}
	return good;
}

/* each failure in turn; after each, begin (or NULL) puts the world in place */
static inline void
fail_sweep(const char *what, fail_work *work, const void *arg,
    void (*begin)(void))
{
	static const int errs[] = {ENOMEM, EIO, EINTR, FAIL_SHORT};
	struct buf want = BUF_INIT;
	unsigned long tries = 0;
	bool good;

	if (begin)
		begin();
	good = work(&want, arg) == 0;
	if (!good)
		printf("# %s: undisturbed: %s\n", what, strerror(errno));
	for (size_t i = 0; i < sizeof errs / sizeof *errs; i++)
		/* who is interrupted for ever need not end */
		for (int f = 0; f <= (errs[i] != EINTR); f++) {
			fail.err = errs[i];
			fail.forever = f;
			fail.hit = true;
			for (fail.at = 1; fail.hit; fail.at++, tries++) {
				if (begin)
					begin();
				good &= fail_try(what, work, arg, &want);
			}
		}
	buf_free(&want);
	ok(good, "%s: %lu failures", what, tries);
}

#endif
