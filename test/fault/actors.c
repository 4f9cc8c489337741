/* actors: the programs of a case: started, waited for, killed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
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

static long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

static struct server *
start_server(struct kase *k, const char *const *argv, const char *key)
{
	char preload[300], program[300];
	struct server *s = calloc(1, sizeof *s);
	int ask[2], tell[2];

	if (!s || pipe(ask) < 0 || pipe(tell) < 0)
		case_die("pipe");
	snprintf(s->key, sizeof s->key, "%s", key);
	snprintf(preload, sizeof preload, "%s/preload.so", case_tools);
	snprintf(program, sizeof program, "%s/%s", case_bin, argv[0]);
	s->pid = fork();
	if (s->pid < 0)
		case_die("fork");
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
		case_die(argv[0]);
	s->ended = false;
	return s->child = t.pid;
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

bool
case_runs(struct kase *k, const char *const *argv, int sig)
{
	struct server *s = server(k, argv);
	struct serve_tell t;

	if (!s->ended && hear(s, &t, 0)) {
		s->ended = true;
		s->status = t.status;
		note_crash(k, t.status);
	}
	if (!s->ended && sig)
		kill(s->child, sig);
	return !s->ended;
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
		case_die(argv[0]);
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
		case_die(path);
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
case_lives(struct kase *k)
{
	return strangers(k, 0) > 0;
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
			case_die("what was killed does not end");
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
