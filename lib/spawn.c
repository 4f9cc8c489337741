/* spawn: a task's process, from its start to its last descendant. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "spawn.h"
#include "who.h"

enum { LOOK_MS = 50, FOREVER = 1 << 30 };

/* the file of the command in the PATH of that environment, or NULL; what was
 * found last is remembered, since most tasks of a spool run the same */
static const char *
find(const char *command, const char *path, bool direct)
{
	static char known_command[256], known_path[1024], file[1280];
	struct stat st;
	size_t n;

	if (strchr(command, '/'))
		return command;
	if (!path)
		path = "/bin:/usr/bin";
	if (strlen(path) >= sizeof known_path ||
	    strlen(command) >= sizeof known_command)
		return NULL;
	if (file[0] && strcmp(command, known_command) == 0 &&
	    strcmp(path, known_path) == 0)
		return file;
	strncpy(known_command, command, sizeof known_command - 1);
	strncpy(known_path, path, sizeof known_path - 1);
	for (; *path; path += n + (path[n] == ':')) {
		n = strcspn(path, ":");
		/* a directory relative to the task's is the shell's business,
		 * and the shell is not looked for there */
		if (*path != '/' && direct)
			break;
		if (*path != '/')
			continue;
		snprintf(file, sizeof file, "%.*s/%s", (int)n, path, command);
		if (access(file, X_OK) == 0 && stat(file, &st) == 0 &&
		    S_ISREG(st.st_mode))
			return file;
	}
	file[0] = '\0';
	return NULL;
}

/* the text for an interpreter, in a file; its name in argv */
static int
put_script(struct world *w, const char *dir, char *file, size_t n)
{
	int fd, x;

	snprintf(file, n, "%s/script.%s", dir, who_self());
	unlink(file);
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0700);
	if (fd < 0)
		return -1;
	x = write_all(fd, w->script, strlen(w->script));
	if (x == 0 && w->lend)
		x = lend_file(w->lend, fd);
	if (close(fd) < 0 || x < 0)
		return -1;
	w->argv[w->script_at] = file;
	return 0;
}

/*
 * The child of vfork(2), which shares our memory until it executes: system
 * calls only. Signals are as exec leaves them: none is blocked or ignored
 * here, so all are at their default there.
 */
static void
become(const char *file, const struct world *w, const struct spawn *s, int dir,
    volatile int *error)
{
	setsid();
	if (dup2(s->in, 0) < 0 || dup2(s->out, 1) < 0 ||
	    dup2(s->out, 2) < 0 || (!w->lend && fchdir(dir) < 0))
		goto fail;
	for (unsigned i = 0; i < s->nkeep; i++)
		if (fcntl(s->keep[i], F_SETFD, 0) < 0)
			goto fail;
	if (s->cgroup >= 0 && write(s->cgroup, "0", 1) < 0)
		goto fail;
	if (resource_apply(&s->resource) < 0) {
		*error = -errno;
		_exit(127);
	}
	/* into a directory that he may enter */
	if (w->lend && (lend_become(w->lend) < 0 || fchdir(dir) < 0))
		goto fail;
	execve(file, w->argv, w->envp);
fail:
	*error = errno;
	_exit(127);
}

/* 0 and *pid, or what errno was; negative: of its limits */
static int
execute(pid_t *pid, const struct world *w, const struct spawn *s, int dir)
{
	const char *file = find(w->argv[0], world_getenv(w->envp, "PATH"),
	    w->direct);
	volatile int error = 0;

	if (!file)
		return ENOENT;
	/* what was claimed long ago may have been given up meanwhile */
	if (s->beat && beat_late(s->beat))
		return EAGAIN;
	*pid = vfork();
	if (*pid == 0)
		become(file, w, s, dir, &error);
	if (*pid < 0)
		return errno;
	if (error)
		waitpid(*pid, NULL, 0);
	else if (s->beat)
		beat_process(s->beat, *pid);
	return error;
}

pid_t
spawn_start(struct world *w, const struct run *r, uint32_t task,
    struct spawn *s, struct buf *why)
{
	static char file[4096];
	pid_t pid = -1;
	int dir, e;

	clock_gettime(CLOCK_MONOTONIC, &s->begun);
	dir = open(w->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		e = errno;
		buf_fmt(why, "workdir %s: %s", w->dir, strerror(e));
		errno = e;
		return -1;
	}
	if (w->script && put_script(w, w->lend ? w->lend->dir : s->scriptdir,
	    file, sizeof file) < 0) {
		e = errno;
		buf_fmt(why, "%s: %s", file, strerror(e));
		close(dir);
		errno = e;
		return -1;
	}
	/* from here on others may write in it */
	e = w->lend && (lend_give(w->lend) < 0 ||
	    lend_file(w->lend, s->out) < 0) ? errno :
	    execute(&pid, w, s, dir);
	if (e > 0 && w->direct && world_through_shell(w, r, task) == 0)
		e = execute(&pid, w, s, dir);
	if (e > 0 && w->lend)
		buf_fmt(why, "as %s, in %s: ", w->lend->who.name, w->dir);
	if (e)
		buf_fmt(why, "%s: %s", e < 0 ? "nice, memory, cpu-time, "
		    "open-files" : w->argv[0], strerror(abs(e)));
	e = abs(e);
	close(dir);
	errno = e;
	return e ? -1 : pid;
}

static double
seconds_since(const struct timespec *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - t->tv_sec) +
	    (double)(now.tv_nsec - t->tv_nsec) / 1e9;
}

/* has it ended? it is not reaped */
static bool
has_ended(pid_t pid)
{
	siginfo_t si = {0};

	return waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT | WNOHANG) ==
	    0 && si.si_pid == pid;
}

/* how a process was waited for: ended, or killed for good; asked to be */
enum waited { TIME_UP, ENDED, ASKED };

/*
 * Waits until the process has ended, but at most so long. Where no descriptor
 * for it was to be had (-1) it is looked at now and then.
 */
static enum waited
ended_within(pid_t pid, int pidfd, double seconds, struct beat *b)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	int most = pidfd < 0 ? LOOK_MS : 1000000000;
	struct timespec start;
	double left = seconds;

	if (b && beat_every(b) < most)
		most = beat_every(b);
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (left > 0) {
		if (poll(&p, 1, left * 1000 > most ? most :
		    (int)(left * 1000) + 1) > 0 ||
		    (pidfd < 0 && has_ended(pid)) ||
		    (b && beat_late(b)))
			return ENDED;
		if (b && beat_asked(b))
			return ASKED;
		left = seconds - seconds_since(&start);
	}
	return TIME_UP;
}

static bool
limit_time(pid_t pid, const struct spawn *s)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	enum waited how = ended_within(pid, pidfd, s->timeout > 0 ?
	    (double)s->timeout : FOREVER, s->beat);

	if (how == TIME_UP) {
		kill(-pid, s->stop_signal);
		/* who was stopped must go on to hear of it */
		kill(-pid, SIGCONT);
	}
	if (how != ENDED && ended_within(pid, pidfd, (double)s->kill_after,
	    s->beat) != ENDED)
		kill(-pid, SIGKILL);
	if (how == ASKED)
		beat_sweep(s->beat);
	if (pidfd >= 0)
		close(pidfd);
	return how == TIME_UP;
}

int
spawn_wait(pid_t pid, const struct spawn *s, struct ended *end)
{
	siginfo_t si;
	int r;

	*end = (struct ended){0};
	if (s->timeout > 0 || s->beat)
		end->timed_out = limit_time(pid, s);
	do
		r = waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -1;
	end->wall = seconds_since(&s->begun);
	/* not yet reaped, so that the number of the group is still its own */
	kill(-pid, SIGKILL);
	if (s->beat && beat_stop(s->beat))
		end->want = "lease";
	do
		r = wait4(pid, &end->status, 0, &end->usage);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -1 : 0;
}

void
spawn_tidy(const struct world *w)
{
	/* what is lent is taken away as a whole */
	if (w->script && !w->lend)
		unlink(w->argv[w->script_at]);
}
