/*
 * users: a dagexec for each user of a system, as that user.
 *
 * Reads a list that is root's. For each line of it forks, becomes that user,
 * for good, and executes dagexec anew. Root opens the list, the system's
 * records of users, and nothing else: no name beneath a spool is ever looked
 * at but by its owner. What a user's dagexec says comes through a pipe.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "become.h"
#include "users.h"

enum { LINE = 2048, LIST_MAX = 1 << 20, USERS_MAX = 1000, DELAY_MAX = 60 };

struct user {
	struct become who;
	char spool[PATH_MAX];	/* absolute, or "": his default */
	pid_t pid;		/* 0: it does not run */
	int out;		/* what it says, or -1 */
	char line[LINE];	/* of that, not yet whole */
	size_t n;
	int64_t again, started;	/* seconds: when to start it, when it was */
	int delay;
};

static struct user *users;
static size_t nusers;
static char program[PATH_MAX];
static const char *const *options;
static bool stopping;
static enum exit_code worst;

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void
fail(enum exit_code code)
{
	if (code > worst)
		worst = code;
}

/* the text of the list, if nobody but root can have written it */
static void
read_list(const char *path, struct buf *text)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
	    O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		prog_die_errno("%s", path);
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & 022))
		prog_die(EXIT_BAD, "%s: it is no file that only root can "
		    "write", path);
	if (buf_read(text, fd, LIST_MAX) < 0)
		prog_die_errno("%s", path);
	buf_ch(text, '\0');
	if (text->err)
		prog_die_errno("%s", path);
	close(fd);
}

/* "USER [SPOOL]"; what is wrong with it, or NULL */
static const char *
take_line(char *line, struct user *u)
{
	char *name, *spool, *more, *save;

	*u = (struct user){.out = -1};
	name = strtok_r(line, " \t\r", &save);
	if (!name || *name == '#')
		return "";
	spool = strtok_r(NULL, " \t\r", &save);
	more = spool ? strtok_r(NULL, " \t\r", &save) : NULL;
	if (more)
		return "more than a user and a spool";
	if (spool && (*spool != '/' || strlen(spool) >= sizeof u->spool))
		return "the spool is no absolute path";
	if (spool)
		memcpy(u->spool, spool, strlen(spool) + 1);
	if (become_find(&u->who, name) == 0)
		return NULL;
	return errno == ENOENT ? "there is no such user" :
	    errno == EPERM ? "root is served by a dagexec of its own" :
	    strerror(errno);
}

static void
take_list(const char *path)
{
	struct buf text = BUF_INIT;
	char *line, *next;
	const char *fault;
	unsigned number = 0;

	read_list(path, &text);
	users = calloc(USERS_MAX, sizeof *users);
	if (!users)
		prog_die_errno("%s", path);
	for (line = text.p; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		number++;
		if (nusers == USERS_MAX)
			prog_die(EXIT_BAD, "%s: more than %d users", path,
			    USERS_MAX);
		fault = take_line(line, &users[nusers]);
		if (!fault)
			nusers++;
		else if (*fault) {
			prog_warn("%s:%u: %s", path, number, fault);
			fail(EXIT_BAD);
		}
	}
	buf_free(&text);
	if (nusers == 0)
		prog_die(EXIT_BAD, "%s: there is no user in it", path);
}

/* in the child: does not return */
static void
run(const struct user *u, int out, pid_t parent)
{
	static const char *argv[32];
	size_t n = 0;
	int null;

	if (become_user(&u->who) < 0 || become_environment(&u->who) < 0)
		goto fail;
	/* if root's is killed it stops, and what runs goes on */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent)
		_exit(EXIT_SYSTEM);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(out, 2) < 0)
		goto fail;
	close_range(3, ~0U, 0);
	argv[n++] = "dagexec";
	for (const char *const *o = options; *o; o++)
		argv[n++] = *o;
	if (u->spool[0]) {
		argv[n++] = "--spool";
		argv[n++] = u->spool;
	}
	argv[n] = NULL;
	execv(program, (char *const *)(uintptr_t)argv);
	prog_die_errno("%s", program);
fail:
	dprintf(out, "dagexec: %s\n", strerror(errno));
	_exit(EXIT_SYSTEM);
}

static void
start(struct user *u)
{
	pid_t parent = getpid();
	int p[2] = {-1, -1};

	u->started = now();
	if (pipe2(p, O_CLOEXEC) < 0 || (u->pid = fork()) < 0) {
		prog_warn_errno("%s", u->who.name);
		fail(EXIT_SYSTEM);
		u->pid = 0;
		u->again = now() + (u->delay = DELAY_MAX);
		if (p[0] >= 0) {
			close(p[0]);
			close(p[1]);
		}
		return;
	}
	if (u->pid == 0)
		run(u, p[1], parent);
	close(p[1]);
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	u->out = p[0];
	u->n = 0;
}

/* a line of what it says, behind the user's name */
static void
say(struct user *u)
{
	const char *s = u->line;

	u->line[u->n] = '\0';
	if (strncmp(s, "dagexec: ", 9) == 0)
		s += 9;
	if (*s)
		prog_warn("%s: %s", u->who.name, s);
	u->n = 0;
}

static void
hear(struct user *u)
{
	char some[4096];
	ssize_t n = read(u->out, some, sizeof some);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	for (ssize_t i = 0; i < n; i++) {
		if (some[i] != '\n')
			u->line[u->n++] = some[i] ? some[i] : ' ';
		if (some[i] == '\n' || u->n == sizeof u->line - 1)
			say(u);
	}
	if (n > 0)
		return;
	if (u->n)
		say(u);
	close(u->out);
	u->out = -1;
}

/* one of them has ended: it is started again, later and later */
static void
ended(struct user *u, int status, bool once)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SYSTEM;

	u->pid = 0;
	if (u->out >= 0)
		hear(u);
	if (once || stopping) {
		if (code)
			fail(code == EXIT_BAD ? EXIT_BAD : EXIT_SYSTEM);
		u->again = INT64_MAX;
		return;
	}
	if (WIFSIGNALED(status))
		prog_warn("%s: its dagexec was killed by signal %d",
		    u->who.name, WTERMSIG(status));
	u->delay = now() - u->started > DELAY_MAX || !u->delay ? 1 :
	    u->delay * 2 < DELAY_MAX ? u->delay * 2 : DELAY_MAX;
	u->again = now() + u->delay;
}

static void
reap(bool once)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < nusers; i++)
			if (users[i].pid == pid)
				ended(&users[i], status, once);
}

static void
stop(void)
{
	stopping = true;
	for (size_t i = 0; i < nusers; i++) {
		users[i].again = INT64_MAX;
		if (users[i].pid > 0)
			kill(users[i].pid, SIGTERM);
	}
}

/* starts who is due; how many ms until the next is, -1: none will be */
static int
start_due(void)
{
	int64_t next = INT64_MAX, t = now();

	for (size_t i = 0; i < nusers; i++) {
		if (users[i].pid == 0 && users[i].again <= t)
			start(&users[i]);
		if (users[i].pid == 0 && users[i].again < next)
			next = users[i].again;
	}
	return next == INT64_MAX ? -1 : (int)(next - t) * 1000;
}

static bool
all_over(void)
{
	for (size_t i = 0; i < nusers; i++)
		if (users[i].pid || users[i].out >= 0 ||
		    users[i].again != INT64_MAX)
			return false;
	return true;
}

static void
wait_for_events(struct pollfd *p, int sigfd, bool once, int ms)
{
	struct signalfd_siginfo si;

	p[nusers] = (struct pollfd){sigfd, POLLIN, 0};
	for (size_t i = 0; i < nusers; i++)
		p[i] = (struct pollfd){users[i].out, POLLIN, 0};
	if (poll(p, nusers + 1, ms) <= 0)
		return;
	for (size_t i = 0; i < nusers; i++)
		if (p[i].revents && users[i].out >= 0)
			hear(&users[i]);
	if (p[nusers].revents && read(sigfd, &si, sizeof si) ==
	    (ssize_t)sizeof si && si.ssi_signo != SIGCHLD)
		stop();
	reap(once);
}

enum exit_code
users_serve(const char *list, const char *const *more, bool once)
{
	static const int signals[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};
	struct pollfd *p;
	sigset_t set;
	int sigfd;

	if (geteuid() != 0)
		prog_die(EXIT_USAGE, "--users: only root can become others");
	options = more;
	if (readlink("/proc/self/exe", program, sizeof program - 1) < 0)
		prog_die_errno("/proc/self/exe");
	take_list(list);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	p = calloc(nusers + 1, sizeof *p);
	if (sigfd < 0 || !p)
		prog_die_errno("signals");
	while (!all_over())
		wait_for_events(p, sigfd, once, start_due());
	free(p);
	free(users);
	return worst;
}
