/*
 * lost: how long it takes to recover many claims of which nobody lives.
 *
 *	lost TASKS SECONDS
 *
 * A run of so many tasks, all of them running by their names, and none
 * locked: a dagexec has to look at each, and put it back. Exit 1 if that
 * takes longer, not counting the time in which others had its processor.
 */
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

static struct kase k;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
queue(int tasks)
{
	static const char *const parse[] = {"dagparse", "many", NULL};
	static const char *const dagq[] = {"dagq", NULL};
	char path[300], *plan;
	FILE *f;

	snprintf(path, sizeof path, "%.250s/dags/many.dag", case_root);
	f = fopen(path, "w");
	fprintf(f, "[default]\nretries = 1\nrun = sleep 100\n");
	for (int i = 0; i < tasks; i++)
		fprintf(f, "[task t%d]\n", i);
	fclose(f);
	if (case_run(&k, parse, NULL, NULL, 20000) != 0)
		return false;
	plan = case_output(&k);
	snprintf(path, sizeof path, "%.250s/in", case_root);
	f = fopen(path, "w");
	fprintf(f, "%srun\tmany/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\t"
	    "cause=schedule\n", plan);
	fclose(f);
	free(plan);
	return case_run(&k, dagq, "in", NULL, 60000) == 0;
}

/* ready tasks become running ones; how many */
static int
claim_all(void)
{
	char queued[300], from[700], to[900];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(queued, sizeof queued, "%s/spool/queue", k.dir);
	d = opendir(queued);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(from, sizeof from, "%s/%s", queued, e->d_name);
		snprintf(to, sizeof to, "%s/spool/runs/many/"
		    "2026-01-01T0000Z/%s.running.1", k.dir,
		    strchr(e->d_name, '.') + 1);
		n += rename(from, to) == 0;
	}
	closedir(d);
	return n;
}

/* how many seconds it was ready to run, and others ran */
static double
waited(pid_t pid)
{
	char *text = slurp("/proc/%d/schedstat", (int)pid), *p;
	double ns = 0;

	if (text && (p = strchr(text, ' ')))
		ns = strtod(p, NULL);
	free(text);
	return ns / 1e9;
}

int
main(int argc, char **argv)
{
	static const char *const exec[] = {"dagexec", "-q", "-j1", NULL};
	int tasks = argc > 1 ? atoi(argv[1]) : 10000;
	double most = argc > 2 ? atof(argv[2]) : 2, took, others;
	double began;
	pid_t pid;

	case_begin();
	unsetenv("FAULT_EPOCH");
	case_make(&k, "w");
	if (!queue(tasks) || claim_all() != tasks)
		return 1;
	began = now();
	pid = case_start(&k, exec, NULL, NULL);
	/* all but the one that it runs then are in queue/ again */
	while (case_count(&k, "queue") < (size_t)tasks - 1 &&
	    now() - began < most * 5)
		poll(NULL, 0, 50);
	others = waited(pid);
	took = now() - began - others;
	case_runs(&k, exec, SIGKILL);
	case_wait(&k, exec, 5000);
	case_quiet(&k, 0);
	printf("%d claims recovered in %.2f s, beside %.2f s of others\n",
	    tasks, took, others);
	case_stop(&k);
	case_end();
	return took > most;
}
