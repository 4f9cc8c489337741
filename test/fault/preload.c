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
 *	mem	not the K-th call, but the K-th allocation of memory fails; mem+
 *		and so does every later one
 *	0	nothing; for the log
 * FAULT_LOG is a file that each such call adds a line to: CLASS, K, the
 * call's name ("create" of an open that may make the file), then what it can
 * fail with. FAULT_OPS is one that each change adds a line to, for replay.c.
 * Programs of other names are left alone.
 *
 * With FAULT_SERVE=1 the program stops before main(), and starts a copy of
 * itself for each struct serve_ask that it reads from descriptor 198: what
 * takes longest, linking it, is done once.
 */
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "preload.h"
#include "serve.h"

enum { STORM = 16 };		/* EINTR so often in a row, then no more */

struct fault_now f;

long (*real_syscall)(long, ...);

/* what is known of the process's descriptors: it is asked at every call */
enum { FDS = 128 };
static enum { UNKNOWN, INSIDE, OUTSIDE } lies[FDS];

void
forget(unsigned from, unsigned to)
{
	for (; from <= to && from < FDS; from++)
		lies[from] = UNKNOWN;
}

/*
 * What the program was at: a number that is the same for the same calls, one
 * within the other, wherever the program was loaded.
 */
static unsigned long
place(void)
{
	enum { DEEP = 64, FAR = 1 << 26 };
	void *frame[DEEP];
	unsigned long base = getauxval(AT_PHDR) & ~0xffful, h = 5381, at;
	int n = backtrace(frame, DEEP);

	for (int i = 0; i < n; i++) {
		at = (unsigned long)frame[i] - base;
		if (at < FAR)
			h = h * 33 ^ at;
	}
	return h;
}

static void
arm(void)
{
	f.k = 0;
	f.allocations = 0;
	f.pid = real_syscall(SYS_getpid);
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
		f.epoch = atol(getenv("FAULT_EPOCH"));
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
		f.memory = strncmp(what, "mem", 3) == 0;
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
	forget(0, FDS - 1);
	if (f.log[0])
		place();	/* loads what it takes: that allocates */
	if (getenv("LEDGER"))
		snprintf(f.ledger, sizeof f.ledger, "%s/ledger",
		    getenv("LEDGER"));
	f.on = true;
	arm();
}

/* does what the descriptor is open for lie in the spool? */
static bool
lies_inside(int fd)
{
	char self[32] = "/proc/self/fd/", target[1024], *p = self + 14;
	long n;

	for (int unit = 1000000; unit > 0; unit /= 10)
		if (fd >= unit || unit == 1)
			*p++ = (char)('0' + fd / unit % 10);
	n = real_syscall(SYS_readlinkat, AT_FDCWD, self, target,
	    sizeof target);
	return n >= (long)f.nspool && memcmp(target, f.spool, f.nspool) == 0 &&
	    (n == (long)f.nspool || target[f.nspool] == '/');
}

static void
note(int fd, bool inside)
{
	/* a child of vfork has other descriptors, and this very memory */
	if (fd < FDS && real_syscall(SYS_getpid) == f.pid)
		lies[fd] = inside ? INSIDE : OUTSIDE;
}

bool
touches(int fd, const char *path)
{
	bool is;

	if (!f.on)
		return false;
	if (path && *path == '/')
		return strncmp(path, f.spool, f.nspool) == 0 &&
		    (path[f.nspool] == '/' || path[f.nspool] == '\0');
	if (fd < 0)
		return false;
	if (fd < FDS && lies[fd])
		return lies[fd] == INSIDE;
	is = lies_inside(fd);
	note(fd, is);
	return is;
}

/* what lies in the spool is opened beneath its directories, not elsewhere;
 * elsewhere it may be the spool itself */
void
learn(int opened, int fd, const char *path)
{
	if (f.on && opened >= 0 && touches(fd, path))
		note(opened, true);
}

const char *
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

void
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
log_call(unsigned long k, const char *name, const int *can, const char *path)
{
	char line[1500];
	int n, fd;

	n = snprintf(line, sizeof line, "%s %lu %s", f.class, k, name);
	for (; *can; can++)
		n += snprintf(line + n, sizeof line - (size_t)n, " %d", *can);
	n += snprintf(line + n, sizeof line - (size_t)n, " @%lx # %.900s\n",
	    place(), path ? path : "");
	fd = (int)real_syscall(SYS_openat, AT_FDCWD, f.log,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0) {
		real_syscall(SYS_write, fd, line, (size_t)n);
		real_syscall(SYS_close, fd);
	}
}

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

int
hit(const char *name, const int *can, const char *path)
{
	if (f.memory)
		return 0;
	f.k++;
	if (f.log[0])
		log_call(f.k, name, can, path);
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

bool
hit_memory(const void *caller)
{
	int e = errno;
	Dl_info who;

	if (!f.on || !f.memory)
		return false;
	/* libarchive crashes by itself when its own fail */
	if (dladdr(caller, &who) && strstr(who.dli_fname, "libarchive"))
		return false;
	f.allocations++;
	if (f.log[0])
		log_call(f.allocations, "malloc", CAN(ENOMEM), NULL);
	if (f.armed && f.allocations == f.at)
		strike();
	errno = e;
	return f.armed && (f.allocations == f.at ||
	    (f.allocations > f.at && f.forever));
}

pid_t
fork(void)
{
	pid_t pid;
	REAL(fork);

	f.forks++;
	pid = real();
	if (pid == 0)
		f.pid = getpid();
	if (pid == 0 && f.on) {
		snprintf(f.class, sizeof f.class, "supervisor%u", f.forks);
		arm();
	}
	return pid;
}
