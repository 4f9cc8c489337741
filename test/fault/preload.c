/*
 * preload: makes one call of a program on its spool go wrong (LD_PRELOAD).
 *
 * FAULT_SPOOL is the spool, FAULT_AT is CLASS:K:WHAT: the K-th call of a
 * process of that class that touches the spool. CLASS is a program's name, or
 * supervisorN: the N-th that a dagexec forks. WHAT is
 *	kill	SIGKILL before the call
 *	ERRNO	a number: the call fails with it, once
 *	ERRNO+	and so does every later one that can
 *	short	a read or write of half the bytes
 *	0	nothing; for the log
 * FAULT_LOG is a file that each such call adds a line to: CLASS, K, the
 * call's name, then what it can fail with. FAULT_OPS is one that each change
 * adds a line to, for replay.c. Programs of other names are left alone.
 *
 * With FAULT_SERVE=1 the program stops before main(), and starts a copy of
 * itself for each struct serve_ask that it reads from descriptor 198: what
 * takes longest, linking it, is done once.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "serve.h"

enum { STORM = 16 };		/* EINTR so often in a row, then no more */

static struct {
	bool on;
	char spool[512], class[32], log[512], ops[512], ledger[512];
	size_t nspool;
	unsigned long k, at;
	bool armed, kill, cut, forever;
	int err;
	unsigned storm, forks;
	char want[32];
} f;

static long (*real_syscall)(long, ...);

#define REAL(name) \
	static __typeof__(&name) real; \
	if (!real) \
		*(void **)&real = dlsym(RTLD_NEXT, #name)

static void
arm(void)
{
	f.k = 0;
	f.armed = f.on && strcmp(f.class, f.want) == 0;
}

/* in a copy: takes the place that was asked for */
static void
settle(const struct serve_ask *a)
{
	char err[sizeof a->dir + 8];
	int fd;

	close(SERVE_ASK);
	close(SERVE_TELL);
	if (chdir(a->dir) < 0)
		_exit(99);
	fd = open(a->in[0] ? a->in : "/dev/null", O_RDONLY);
	dup2(fd, 0);
	close(fd);
	snprintf(err, sizeof err, "%s/out", a->dir);
	fd = open(err, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, 1);
	dup2(fd, 2);
	close(fd);
	snprintf(err, sizeof err, "%s/spool", a->dir);
	setenv("DAG_SPOOL", err, 1);
	setenv("FAULT_SPOOL", err, 1);
	setenv("LEDGER", a->dir, 1);
	if (a->at[0])
		setenv("FAULT_AT", a->at, 1);
	if (a->log[0])
		setenv("FAULT_LOG", a->log, 1);
	if (a->ops[0])
		setenv("FAULT_OPS", a->ops, 1);
	unsetenv("FAULT_SERVE");
	f.forks = 0;
}

/* returns in a copy only */
static void
serve(void)
{
	struct serve_tell t;
	struct serve_ask a;

	while (read(SERVE_ASK, &a, sizeof a) == (ssize_t)sizeof a) {
		t = (struct serve_tell){.pid = fork()};
		if (t.pid == 0) {
			settle(&a);
			return;
		}
		if (write(SERVE_TELL, &t, sizeof t) < 0)
			break;
		waitpid(t.pid, &t.status, 0);
		t.ended = true;
		if (write(SERVE_TELL, &t, sizeof t) < 0)
			break;
	}
	_exit(0);
}

static time_t epoch;	/* see clock_gettime */

static void __attribute__((constructor))
start(void)
{
	static const char *const ours[] = {"dagparse", "dagsched", "dagq",
	    "dagexec", "dagstat"};
	const char *spool, *at, *log, *what;
	bool is = false;

	*(void **)&real_syscall = dlsym(RTLD_NEXT, "syscall");
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		is |= strcmp(program_invocation_short_name, ours[i]) == 0;
	if (!is)
		return;
	if (getenv("FAULT_SERVE"))
		serve();
	if (getenv("FAULT_EPOCH"))
		epoch = atol(getenv("FAULT_EPOCH"));
	spool = getenv("FAULT_SPOOL");
	at = getenv("FAULT_AT");
	log = getenv("FAULT_LOG");
	if (!spool)
		return;
	snprintf(f.spool, sizeof f.spool, "%s", spool);
	f.nspool = strlen(f.spool);
	snprintf(f.log, sizeof f.log, "%s", log ? log : "");
	snprintf(f.class, sizeof f.class, "%s", program_invocation_short_name);
	if (at && (what = strchr(at, ':'))) {
		snprintf(f.want, sizeof f.want, "%.*s", (int)(what - at), at);
		f.at = strtoul(what + 1, NULL, 10);
		what = strchr(what + 1, ':');
		what = what ? what + 1 : "0";
		f.kill = strcmp(what, "kill") == 0;
		f.cut = strcmp(what, "short") == 0;
		f.err = atoi(what);
		f.forever = strchr(what, '+') != NULL;
	}
	/* what the program starts is not ours */
	unsetenv("LD_PRELOAD");
	unsetenv("FAULT_SPOOL");
	unsetenv("FAULT_AT");
	unsetenv("FAULT_LOG");
	if (getenv("FAULT_OPS"))
		snprintf(f.ops, sizeof f.ops, "%s", getenv("FAULT_OPS"));
	unsetenv("FAULT_OPS");
	unsetenv("FAULT_EPOCH");
	f.on = true;
	if (getenv("LEDGER"))
		snprintf(f.ledger, sizeof f.ledger, "%s/ledger",
		    getenv("LEDGER"));
	arm();
}

/*
 * The clock runs SPEED times as fast from FAULT_EPOCH on: what waits for a
 * second is there at once.
 */
enum { SPEED = 50 };

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int x;
	long long ns;
	REAL(clock_gettime);

	x = real(id, ts);
	if (!epoch || id != CLOCK_REALTIME || x < 0)
		return x;
	ns = ((ts->tv_sec - epoch) * 1000000000LL + ts->tv_nsec) * SPEED;
	ts->tv_sec = epoch + ns / 1000000000;
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

	if (epoch && it.it_value.tv_sec) {
		ns = ((it.it_value.tv_sec - epoch) * 1000000000LL +
		    it.it_value.tv_nsec) / SPEED;
		it.it_value.tv_sec = epoch + ns / 1000000000;
		it.it_value.tv_nsec = ns % 1000000000;
	}
	return real(fd, flags, &it, old);
}

/* does this descriptor, or this path beneath it, lie in the spool? */
static bool
touches(int fd, const char *path)
{
	char self[32] = "/proc/self/fd/", target[1024], *p = self + 14;
	long n;

	if (!f.on)
		return false;
	if (path && *path == '/')
		return strncmp(path, f.spool, f.nspool) == 0 &&
		    (path[f.nspool] == '/' || path[f.nspool] == '\0');
	if (fd < 0)
		return false;
	/* not snprintf: this is asked of every call */
	for (int unit = 1000000; unit > 0; unit /= 10)
		if (fd >= unit || unit == 1)
			*p++ = (char)('0' + fd / unit % 10);
	n = real_syscall(SYS_readlinkat, AT_FDCWD, self, target,
	    sizeof target);
	return n >= (long)f.nspool && memcmp(target, f.spool, f.nspool) == 0 &&
	    (n == (long)f.nspool || target[f.nspool] == '/');
}

/* a path beneath a descriptor, from the spool on, or "" */
static const char *
within(int fd, const char *path, char out[1024])
{
	char self[32], full[1024];
	long n = 0;

	out[0] = '\0';
	if (!path || *path != '/') {
		snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
		n = real_syscall(SYS_readlinkat, AT_FDCWD, self, full, 700);
		if (n < 0)
			return out;
	}
	snprintf(full + n, sizeof full - (size_t)n, "%s%s", n && path ? "/" :
	    "", path ? path : "");
	if (strncmp(full, f.spool, f.nspool) == 0)
		snprintf(out, 1024, "%s", full[f.nspool] == '/' ?
		    full + f.nspool + 1 : ".");
	return out;
}

/* a change was made: WHAT, how long the ledger is, the names, then bytes */
static void
op(char what, const char *a, const char *b, const void *data, size_t n)
{
	static char line[1 << 16];
	struct stat st = {0};
	size_t m;
	int fd;

	if (!f.ops[0] || !a[0])
		return;
	real_syscall(SYS_newfstatat, AT_FDCWD, f.ledger, &st, 0);
	m = (size_t)snprintf(line, 4096, "%c %lld %s %s ", what,
	    (long long)st.st_size, a, b && *b ? b : "-");
	for (size_t i = 0; i < n && m + 3 < sizeof line; i++)
		m += (size_t)snprintf(line + m, 3, "%02x",
		    ((const unsigned char *)data)[i]);
	line[m++] = '\n';
	fd = (int)real_syscall(SYS_openat, AT_FDCWD, f.ops,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0) {
		real_syscall(SYS_write, fd, line, m);
		real_syscall(SYS_close, fd);
	}
}

/* all that it did is acknowledged */
static void __attribute__((destructor))
finish(void)
{
	if (f.on && strcmp(f.class, "dagq") == 0)
		op('X', "dagq", NULL, NULL, 0);
}

static void
log_call(const char *name, const int *can, const char *path)
{
	char line[1500];
	int n, fd;

	n = snprintf(line, sizeof line, "%s %lu %s", f.class, f.k, name);
	for (; *can; can++)
		n += snprintf(line + n, sizeof line - (size_t)n, " %d", *can);
	n += snprintf(line + n, sizeof line - (size_t)n, " # %.900s\n",
	    path ? path : "");
	fd = (int)real_syscall(SYS_openat, AT_FDCWD, f.log,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0) {
		real_syscall(SYS_write, fd, line, (size_t)n);
		real_syscall(SYS_close, fd);
	}
}

enum { CUT = -1 };	/* in a list of errnos: it can be short */

static bool
has(const int *can, int e)
{
	for (; *can; can++)
		if (*can == e)
			return true;
	return false;
}

/* the fault is about to happen: those who asked for it can see that */
static void
strike(void)
{
	char path[sizeof f.spool + 8];
	int fd;

	snprintf(path, sizeof path, "%s.hit", f.spool);
	fd = (int)real_syscall(SYS_openat, AT_FDCWD, path,
	    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		real_syscall(SYS_close, fd);
}

/* the next call on the spool: 0 go on, CUT, or the errno it is to fail with */
static int
hit(const char *name, const int *can, const char *path)
{
	f.k++;
	if (f.log[0])
		log_call(name, can, path);
	if (!f.armed || f.k < f.at)
		return 0;
	if (f.k == f.at)
		strike();
	if (f.kill && f.k == f.at)
		real_syscall(SYS_kill, (long)getpid(), SIGKILL);
	if (f.cut && f.k == f.at)
		return CUT;
	if (!f.err || !has(can, f.err) || (f.k > f.at && !f.forever) ||
	    (f.err == EINTR && ++f.storm > STORM))
		return 0;
	return f.err;
}

#define CAN(...) ((const int []){__VA_ARGS__, 0})
/* fails, if this call is to fail */
#define FAIL(name, fd, path, ...) do { \
	int e_ = touches(fd, path) ? \
	    hit(name, CAN(__VA_ARGS__), path) : 0; \
	if (e_ > 0) { \
		errno = e_; \
		return -1; \
	} \
} while (0)
#define CHANGES ENOSPC, EIO, EACCES, EROFS, ENOMEM

static int
can_open(const char *name, int fd, const char *path, int flags)
{
	if (!touches(fd, path))
		return 0;
	if (flags & O_CREAT)
		return hit(name, CAN(ENOSPC, EIO, EMFILE, EACCES, EINTR,
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
	long a[6];
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
	return real_syscall(n, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#define OPEN(name, FD, ARGS, CALL) \
int \
name ARGS \
{ \
	va_list ap; \
	mode_t mode; \
	int e; \
	REAL(name); \
	va_start(ap, flags); \
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0; \
	va_end(ap); \
	e = can_open(#name, FD, path, flags); \
	if (e > 0) { \
		errno = e; \
		return -1; \
	} \
	return real CALL; \
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
	if (e <= 0)
		return x;
	errno = e;
	return -1;
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

pid_t
fork(void)
{
	pid_t pid;
	REAL(fork);

	f.forks++;
	pid = real();
	if (pid == 0 && f.on) {
		snprintf(f.class, sizeof f.class, "supervisor%u", f.forks);
		arm();
	}
	return pid;
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
