/*
 * stopwatch: runs a command; what it and all it started took.
 *
 *	stopwatch FILE COMMAND [ARG...]
 *
 * Appends to FILE: seconds of wall time until the command ended, seconds of
 * processor time of the whole tree, KiB of its largest process, switches.
 * It adopts what the command leaves behind, and kills that when the command
 * has ended, or all of it on SIGINT and SIGTERM. Exits as the command did.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static volatile sig_atomic_t stopped;

static void
stop(int sig)
{
	stopped = sig;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static pid_t
parent_of(const char *pid)
{
	char path[300], line[512], *p;
	long ppid = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	/* the name may hold anything but ends in the last parenthesis */
	if (fgets(line, sizeof line, f) && (p = strrchr(line, ')')))
		sscanf(p + 1, " %*c %ld", &ppid);
	fclose(f);
	return (pid_t)ppid;
}

static void
kill_children(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    parent_of(e->d_name) == getpid())
			kill((pid_t)atol(e->d_name), SIGKILL);
	closedir(d);
}

/* those orphaned by it become our children, and so on, until none is left */
static void
kill_tree(void)
{
	do
		kill_children();
	while (wait(NULL) >= 0 || errno == EINTR);
}

static int
report(const char *file, double wall)
{
	struct rusage u;
	FILE *f = fopen(file, "a");

	if (!f)
		return -1;
	getrusage(RUSAGE_CHILDREN, &u);
	fprintf(f, "%.6f\t%.6f\t%ld\t%ld\n", wall,
	    seconds(u.ru_utime) + seconds(u.ru_stime), u.ru_maxrss,
	    u.ru_nvcsw + u.ru_nivcsw);
	return fclose(f);
}

int
main(int argc, char **argv)
{
	struct sigaction sa = {.sa_handler = stop};
	double begun, wall;
	int status, e;
	pid_t pid, p;

	if (argc < 3) {
		fprintf(stderr, "usage: stopwatch FILE COMMAND [ARG...]\n");
		return 2;
	}
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	begun = now();
	e = posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ);
	if (e) {
		fprintf(stderr, "stopwatch: %s: %s\n", argv[2], strerror(e));
		return 111;
	}
	do
		p = wait(&status);
	while (p != pid && !stopped);
	wall = now() - begun;
	kill_tree();
	if (stopped)
		return 128 + stopped;
	if (report(argv[1], wall) < 0) {
		fprintf(stderr, "stopwatch: %s: %s\n", argv[1],
		    strerror(errno));
		return 111;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}
