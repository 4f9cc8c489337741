/* victim: who is to be killed at random. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case.h"
#include "victim.h"

void
victim_begin(void)
{
	char path[300], pid[32];

	snprintf(path, sizeof path, "%.250s/pid", case_root);
	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	spit(path, pid);
}

static bool
is_one(long pid)
{
	char path[64], text[256], *root;
	bool is;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%ld/comm", pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	is = fgets(text, sizeof text, f) && (strcmp(text, "body\n") == 0 ||
	    strncmp(text, "dagexec", 7) == 0);
	fclose(f);
	if (!is)
		return false;
	/* ours, and not those that wait to be copied */
	root = slurp("/proc/%ld/cwd/../pid", pid);
	is = root && strtol(root, NULL, 10) == (long)getpid();
	free(root);
	return is;
}

pid_t
victim(void)
{
	static pid_t all[512];
	struct dirent *e;
	size_t n = 0;
	DIR *d = opendir("/proc");

	while (d && (e = readdir(d)) && n < sizeof all / sizeof *all) {
		long pid = strtol(e->d_name, NULL, 10);

		if (pid > 1 && is_one(pid))
			all[n++] = (pid_t)pid;
	}
	if (d)
		closedir(d);
	return n ? all[(size_t)rand() % n] : 0;
}
