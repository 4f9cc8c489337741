/* case: a spool to break, the programs that work on it, what came of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "case.h"
#include "serve.h"

enum { STALL = 60000 };	/* ms in which what must happen does */

/* a program with its arguments, linked and waiting: see preload.c */
struct server {
	char key[512];
	pid_t pid, child;
	int ask, tell;
	int status;		/* of the child, once it has ended */
	bool ended;
	struct server *next;
};

char case_root[256];
static char bin[256], tools[256];

static void
die(const char *what)
{
	fprintf(stderr, "fault: %s: %s\n", what, strerror(errno));
	exit(111);
}

static long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

void
case_begin(void)
{
	const char *b = getenv("DAG_BIN"), *t = getenv("FAULT_BIN");
	const char *root = getenv("FAULT_DIR");
	char path[600], dags[300];

	if (!b || !t) {
		fprintf(stderr, "fault: DAG_BIN and FAULT_BIN must be set\n");
		exit(2);
	}
	snprintf(bin, sizeof bin, "%s", b);
	snprintf(tools, sizeof tools, "%s", t);
	/* programs are started elsewhere: no relative name is of use */
	if (!root || *root != '/')
		root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(case_root, sizeof case_root, "%s/dagfault.XXXXXX", root);
	if (!mkdtemp(case_root))
		die(case_root);
	snprintf(path, sizeof path, "%s:%s:/usr/bin:/bin:/usr/sbin:/sbin",
	    bin, tools);
	setenv("PATH", path, 1);
	snprintf(dags, sizeof dags, "%s/dags", case_root);
	if (mkdir(dags, 0700) < 0)
		die(dags);
	setenv("DAG_PATH", dags, 1);
	snprintf(dags, sizeof dags, "%s/cache", case_root);
	setenv("XDG_CACHE_HOME", dags, 1);
	setenv("LC_ALL", "C", 1);
	setenv("TZ", "UTC", 1);
	snprintf(dags, sizeof dags, "%ld", (long)time(NULL) - 1);
	setenv("FAULT_EPOCH", dags, 1);
	/* leaks are looked for elsewhere: one found would change the exit */
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0", 1);
	/* supervisors outlive those who started them: they become ours */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGPIPE, SIG_IGN);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *w)
{
	(void)st;
	(void)type;
	(void)w;
	return remove(path);
}

static void
remove_all(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void
case_end(void)
{
	if (!getenv("FAULT_KEEP"))
		remove_all(case_root);
}

void
case_make(struct kase *k, const char *name)
{
	*k = (struct kase){0};
	prctl(PR_SET_CHILD_SUBREAPER, 1);	/* of this very process */
	snprintf(k->dir, sizeof k->dir, "%.200s/%.40s", case_root, name);
	if (mkdir(k->dir, 0700) < 0)
		die(k->dir);
}

static const char *copy_from, *copy_to;

static int
copy_one(const char *path, const struct stat *st, int type, struct FTW *w)
{
	struct timespec ts[2] = {st->st_atim, st->st_mtim};
	char to[1024], chunk[16384];
	ssize_t n;
	int in, out;

	(void)type;
	(void)w;
	snprintf(to, sizeof to, "%s%s", copy_to, path + strlen(copy_from));
	if (S_ISDIR(st->st_mode))
		return mkdir(to, 0700) < 0 && errno != EEXIST;
	if (!S_ISREG(st->st_mode))
		return 0;
	in = open(path, O_RDONLY);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0600);
	while ((n = read(in, chunk, sizeof chunk)) > 0)
		if (write(out, chunk, (size_t)n) != n)
			die(to);
	fchmod(out, st->st_mode & 07777);
	futimens(out, ts);
	close(in);
	close(out);
	return 0;
}

void
case_reset(struct kase *k, const struct kase *from)
{
	remove_all(k->dir);
	k->crashed = 0;
	if (!from) {
		if (mkdir(k->dir, 0700) < 0)
			die(k->dir);
		return;
	}
	copy_from = from->dir;
	copy_to = k->dir;
	if (nftw(from->dir, copy_one, 16, FTW_PHYS) != 0)
		die(k->dir);
}

static struct server *
start_server(struct kase *k, const char *const *argv, const char *key)
{
	char preload[300], program[300];
	struct server *s = calloc(1, sizeof *s);
	int ask[2], tell[2];

	if (!s || pipe(ask) < 0 || pipe(tell) < 0)
		die("pipe");
	snprintf(s->key, sizeof s->key, "%s", key);
	snprintf(preload, sizeof preload, "%s/preload.so", tools);
	snprintf(program, sizeof program, "%s/%s", bin, argv[0]);
	s->pid = fork();
	if (s->pid < 0)
		die("fork");
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ask[0], SERVE_ASK);
		dup2(tell[1], SERVE_TELL);
		for (int fd = 3; fd < SERVE_ASK; fd++)
			close(fd);
		setenv("LD_PRELOAD", preload, 1);
		setenv("FAULT_SERVE", "1", 1);
		execv(program, (char *const *)argv);
		_exit(126);
	}
	close(ask[0]);
	close(tell[1]);
	fcntl(ask[1], F_SETFD, FD_CLOEXEC);
	fcntl(tell[0], F_SETFD, FD_CLOEXEC);
	s->ask = ask[1];
	s->tell = tell[0];
	s->next = k->servers;
	return k->servers = s;
}

static struct server *
server(struct kase *k, const char *const *argv)
{
	char key[512] = "";
	struct server *s;

	for (size_t i = 0; argv[i]; i++)
		snprintf(key + strlen(key), sizeof key - strlen(key), "%s\t",
		    argv[i]);
	for (s = k->servers; s; s = s->next)
		if (strcmp(s->key, key) == 0)
			return s;
	return start_server(k, argv, key);
}

static bool
hear(struct server *s, struct serve_tell *t, int ms)
{
	struct pollfd p = {.fd = s->tell, .events = POLLIN};

	return poll(&p, 1, ms) > 0 &&
	    read(s->tell, t, sizeof *t) == (ssize_t)sizeof *t;
}

pid_t
case_start(struct kase *k, const char *const *argv, const char *in,
    const struct fault *f)
{
	struct server *s = server(k, argv);
	struct serve_ask a = {.at = ""};
	struct serve_tell t;

	snprintf(a.dir, sizeof a.dir, "%s", k->dir);
	if (in)
		snprintf(a.in, sizeof a.in, "%.200s/%.50s", case_root, in);
	if (f && f->at)
		snprintf(a.at, sizeof a.at, "%s", f->at);
	if (f && f->log)
		snprintf(a.log, sizeof a.log, "%s", f->log);
	if (f && f->ops)
		snprintf(a.ops, sizeof a.ops, "%s", f->ops);
	if (write(s->ask, &a, sizeof a) != (ssize_t)sizeof a ||
	    !hear(s, &t, STALL))
		die(argv[0]);
	s->ended = false;
	return s->child = t.pid;
}

bool
case_runs(struct kase *k, const char *const *argv, int sig)
{
	struct server *s = server(k, argv);
	struct serve_tell t;

	if (!s->ended && hear(s, &t, 0)) {
		s->ended = true;
		s->status = t.status;
	}
	if (!s->ended && sig)
		kill(s->child, sig);
	return !s->ended;
}

/* no fault that is made is to end one of ours like that */
static void
note_crash(struct kase *k, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (sig == SIGSEGV || sig == SIGABRT || sig == SIGBUS ||
	    sig == SIGILL || sig == SIGFPE)
		k->crashed = sig;
}

int
case_wait(struct kase *k, const char *const *argv, int ms)
{
	struct server *s = server(k, argv);
	struct serve_tell t;

	if (s->ended)
		return s->status;
	s->ended = true;
	if (hear(s, &t, ms)) {
		note_crash(k, t.status);
		return t.status;
	}
	kill(s->child, SIGKILL);
	if (!hear(s, &t, STALL))
		die(argv[0]);
	return RAN_LATE;
}

int
case_run(struct kase *k, const char *const *argv, const char *in,
    const struct fault *f, int ms)
{
	case_start(k, argv, in, f);
	return case_wait(k, argv, ms);
}

/* is it one of the waiting programs? */
static bool
is_server(const struct kase *k, pid_t pid)
{
	for (const struct server *s = k->servers; s; s = s->next)
		if (s->pid == pid)
			return true;
	return false;
}

/* our children but the servers: how many; kills them with sig */
static unsigned
strangers(struct kase *k, int sig)
{
	char path[64], text[65536], *p, *end;
	unsigned count = 0, full;
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	if (n < 0)
		die(path);
	text[n] = '\0';
	full = n == (ssize_t)sizeof text - 1;
	for (p = text; *p; p = end) {
		pid_t pid = (pid_t)strtol(p, &end, 10), ended;
		int status;

		if (end == p)
			break;
		if (pid <= 0 || is_server(k, pid))
			continue;
		/* 0: our child, and alive. Of no other number is it known
		 * whose it is: the last one may be cut off, too */
		ended = waitpid(pid, &status, WNOHANG);
		if (ended == pid)
			note_crash(k, status);
		if (ended != 0)
			continue;
		count++;
		if (sig)
			kill(pid, sig);
	}
	return count + full;
}

bool
case_quiet(struct kase *k, int ms)
{
	long until = now_ms() + ms;
	bool late = false;

	while (strangers(k, late ? SIGKILL : 0)) {
		if (!late && now_ms() > until)
			late = true;
		if (now_ms() > until + STALL)
			die("what was killed does not end");
		poll(NULL, 0, 1);
	}
	return !late;
}

void
case_stop(struct kase *k)
{
	struct server *s;

	while ((s = k->servers)) {
		k->servers = s->next;
		close(s->ask);
		close(s->tell);
		waitpid(s->pid, NULL, 0);
		free(s);
	}
}

char *
slurp(const char *fmt, ...)
{
	char path[1024], *text = NULL;
	size_t n = 0, cap = 0;
	va_list ap;
	ssize_t r;
	int fd;

	va_start(ap, fmt);
	vsnprintf(path, sizeof path, fmt, ap);
	va_end(ap);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	do {
		if (cap - n < 8192)
			text = realloc(text, cap += 16384);
		if (!text)
			die(path);
		r = read(fd, text + n, cap - n - 1);
		n += r > 0 ? (size_t)r : 0;
	} while (r > 0);
	close(fd);
	text[n] = '\0';
	return text;
}

void
spit(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t n = strlen(text);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n || close(fd) < 0)
		die(path);
}

char *
case_output(struct kase *k)
{
	char *s = slurp("%s/out", k->dir);

	return s ? s : strdup("");
}

size_t
case_count(struct kase *k, const char *dir)
{
	char path[512];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/spool/%s", k->dir, dir);
	d = opendir(path);
	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct list {
	char **line;
	size_t n;
	const char *dir;
};

static struct list listing;

static int
list_one(const char *path, const struct stat *st, int type, struct FTW *w)
{
	const char *name = path + strlen(listing.dir) + 1;
	char *line, *dot;

	(void)st;
	(void)w;
	if (type != FTW_F || !(strncmp(name, "queue/", 6) == 0 ||
	    strncmp(name, "archive/", 8) == 0 ||
	    (strncmp(name, "runs/", 5) == 0 && !strstr(name, "/log/") &&
	    !strstr(name, "/out/"))))
		return 0;
	line = strdup(name);
	dot = strstr(line, ".running.");
	if (dot)
		dot[8] = '\0';
	listing.line = realloc(listing.line, (listing.n + 1) * sizeof line);
	listing.line[listing.n++] = line;
	return 0;
}

char *
case_states(struct kase *k)
{
	char dir[300], *all = strdup(""), *more;

	snprintf(dir, sizeof dir, "%s/spool", k->dir);
	listing = (struct list){.dir = dir};
	nftw(dir, list_one, 16, FTW_PHYS);
	if (listing.n)
		qsort(listing.line, listing.n, sizeof *listing.line, by_text);
	for (size_t i = 0; i < listing.n; i++) {
		if (asprintf(&more, "%s%s\n", all, listing.line[i]) < 0)
			die("asprintf");
		free(all);
		free(listing.line[i]);
		all = more;
	}
	free(listing.line);
	return all;
}
