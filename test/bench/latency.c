/*
 * latency: when processes begin, and when what makes them begin happened.
 *
 *	latency stamp FILE		the task: writes when it began and ended
 *	latency spawn N FILE		starts that N times, one after the other
 *	latency queue N QUEUE FIFO	gives N times the file record.I to dagq,
 *					and prints when dagq was started, when a
 *					marker came into QUEUE, when dagq had
 *					ended, when the task (with FIFO) began
 *
 * All times are in ns of CLOCK_MONOTONIC.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void
die(const char *what)
{
	fprintf(stderr, "latency: %s: %s\n", what, strerror(errno));
	exit(111);
}

static int
stamp(const char *file)
{
	long long begun = now();
	char line[64];
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT, 0600);
	int n = snprintf(line, sizeof line, "%lld\t%lld\n", begun, now());

	if (fd < 0 || write(fd, line, (size_t)n) != n)
		die(file);
	return 0;
}

static pid_t
start(char **argv, posix_spawn_file_actions_t *fa)
{
	pid_t pid;

	errno = posix_spawnp(&pid, argv[0], fa, NULL, argv, environ);
	if (errno)
		die(argv[0]);
	return pid;
}

static void
end(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) < 0 || status != 0)
		die("a process failed");
}

static int
spawn(int n, char *file)
{
	char *argv[] = {"latency", "stamp", file, NULL};

	while (n-- > 0)
		end(start(argv, NULL));
	return 0;
}

static pid_t
start_dagq(int i)
{
	char *argv[] = {"dagq", NULL}, name[32];
	posix_spawn_file_actions_t fa;
	pid_t pid;

	snprintf(name, sizeof name, "record.%d", i);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, name, O_RDONLY, 0);
	pid = start(argv, &fa);
	posix_spawn_file_actions_destroy(&fa);
	return pid;
}

static int
queue(int n, const char *dir, const char *fifo)
{
	char event[sizeof(struct inotify_event) + NAME_MAX + 1], line[64];
	long long asked, came, ended;
	int in = inotify_init1(IN_CLOEXEC);
	int fd = open(fifo, O_RDWR | O_CLOEXEC);
	ssize_t got;
	pid_t pid;

	if (fd < 0 || inotify_add_watch(in, dir, IN_MOVED_TO) < 0)
		die(dir);
	for (int i = 1; i <= n; i++) {
		asked = now();
		pid = start_dagq(i);
		if (read(in, event, sizeof event) <= 0)
			die(dir);
		came = now();
		end(pid);
		ended = now();
		got = read(fd, line, sizeof line - 1);
		if (got <= 0)
			die(fifo);
		line[got] = '\0';
		printf("%lld\t%lld\t%lld\t%s", asked, came, ended, line);
	}
	return fflush(stdout);
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "stamp") == 0)
		return stamp(argv[2]);
	if (argc == 4 && strcmp(argv[1], "spawn") == 0)
		return spawn(atoi(argv[2]), argv[3]);
	if (argc == 5 && strcmp(argv[1], "queue") == 0)
		return queue(atoi(argv[2]), argv[3], argv[4]);
	fprintf(stderr, "usage: latency stamp FILE | spawn N FILE | "
	    "queue N QUEUE FIFO\n");
	return 2;
}
