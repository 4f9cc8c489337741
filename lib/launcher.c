/* launcher: the programs that talk to engines, dag-launch(5): called. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

enum { PATIENCE = 60000, OUT_MAX = 256 << 20, SAID = 400 };

/* DIR/NAME of the first of some directories, with colons between, that has it;
 * beside: they are seen from where this program is */
static bool
find(char path[PATH_MAX], const char *dirs, const char *beside,
    const char *name)
{
	size_t n;

	for (; *dirs; dirs += n + (dirs[n] == ':')) {
		n = strcspn(dirs, ":");
		if (snprintf(path, PATH_MAX, "%s%.*s/%s", beside, (int)n, dirs,
		    name) < PATH_MAX && n > 0 && access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static bool
find_launcher(char path[PATH_MAX], const char *name)
{
	static const char near[] = "../share/launch:../../share/launch";
	const char *dirs = getenv("DAG_LAUNCH_PATH"), *home = getenv("HOME");
	char here[PATH_MAX], own[PATH_MAX];
	ssize_t n;

	if (dirs)
		return find(path, dirs, "", name);
	snprintf(own, sizeof own, "%s/.config/dag/launch", home ? home : "");
	if ((home && find(path, own, "", name)) ||
	    find(path, "/etc/dag/launch", "", name))
		return true;
	n = readlink("/proc/self/exe", here, sizeof here - 1);
	if (n <= 0)
		return false;
	here[n] = '\0';
	*(strrchr(here, '/') + 1) = '\0';
	return find(path, near, here, name);
}

/* in the child */
static void
execute(const char *path, const char *verb, int dir, const int fd[3])
{
	char *argv[] = {(char *)path, (char *)verb, NULL};

	for (int i = 0; i < 3; i++)
		if (dup2(fd[i], i) < 0)
			_exit(127);
	if (dir >= 0 && fchdir(dir) < 0)
		_exit(127);
	setsid();
	close_range(3, ~0U, 0);
	execv(path, argv);
	dprintf(2, "%s: %s\n", path, strerror(errno));
	_exit(127);
}

/* waits for its end; what is not over in time is ended. The status, or -1 */
static int
wait_for(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0), status = -1;
	struct pollfd p = {fd, POLLIN, 0};

	if (fd >= 0 && poll(&p, 1, PATIENCE) == 0)
		kill(-pid, SIGKILL);
	if (fd >= 0)
		close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* what it complained of, as one line */
static void
complaint(int fd, const char *path, int status, struct buf *why)
{
	struct buf said = BUF_INIT;
	size_t n;

	buf_reset(why);
	if (lseek(fd, 0, SEEK_SET) == 0 && buf_read(&said, fd, OUT_MAX) == 0) {
		while (said.n > 0 && strchr(" \n", said.p[said.n - 1]))
			said.n--;
		n = said.n < SAID ? said.n : SAID;
		for (size_t i = 0; i < n; i++)
			buf_ch(why, (unsigned char)said.p[i] < ' ' ? ' ' :
			    said.p[i]);
	}
	buf_free(&said);
	if (why->n == 0 && WIFSIGNALED(status))
		buf_fmt(why, "%s: killed by signal %d, or it took more than "
		    "a minute", path, WTERMSIG(status));
	else if (why->n == 0)
		buf_fmt(why, "%s: exit %d", path, WEXITSTATUS(status));
}

/* does that exit code say something? of a poll, that there is nothing is never
 * said by one: all that the engine has would be lost */
static bool
means(const char *verb, int code)
{
	return code == LAUNCHED_OK ||
	    (code == LAUNCHED_NOT && strcmp(verb, "find") == 0) ||
	    (code == LAUNCHED_REFUSED && (strcmp(verb, "submit") == 0 ||
	    strcmp(verb, "cancel") == 0));
}

enum launched
launcher_call(const char *name, const char *verb, int dir,
    const struct buf *in, struct buf *out, struct buf *why)
{
	int fd[3] = {-1, -1, -1}, status = -1;
	enum launched x = LAUNCHED_AWAY;
	char path[PATH_MAX];
	pid_t pid;

	buf_reset(why);
	if (!find_launcher(path, name)) {
		buf_fmt(why, "there is no launcher \"%s\": dag-launch(5)",
		    name);
		return x;
	}
	for (int i = 0; i < 3; i++)
		if ((fd[i] = memfd_create("launcher", MFD_CLOEXEC)) < 0)
			goto done;
	if (in && (write_all(fd[0], in->p, in->n) < 0 ||
	    lseek(fd[0], 0, SEEK_SET) < 0))
		goto done;
	pid = fork();
	if (pid == 0)
		execute(path, verb, dir, fd);
	if (pid < 0)
		goto done;
	status = wait_for(pid);
	if (WIFEXITED(status) && means(verb, WEXITSTATUS(status)))
		x = (enum launched)WEXITSTATUS(status);
	if (x != LAUNCHED_OK)
		complaint(fd[2], path, status, why);
	if (lseek(fd[1], 0, SEEK_SET) < 0 || buf_read(out, fd[1], OUT_MAX) < 0)
		x = LAUNCHED_AWAY;
done:
	if (status == -1)
		buf_fmt(why, "%s: %s", path, strerror(errno));
	for (int i = 0; i < 3; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	return x;
}
