/*
 * scan: any names in a spool. A name that is understood is written the same;
 * whatever lies there is looked at, checked and put right, and then is right.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "check.h"
#include "fuzz.h"
#include "spool.h"

#define RUN "2026-01-01T0000Z"
static const char plan[] = "dag\tf\ttasks=2\ntask\tf/a\trun=true\n"
	"task\tf/b\tafter=a\trun=true\n";
static char root[64];

static void
names(const char *s)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	char file[FILE_LEN];
	struct instance in;

	if (marker_parse(s, task, &in) == 0) {
		marker_file(file, task, in);
		MUST(strcmp(file, s) == 0);
	}
	if (queue_parse(s, dag, run, task) == 0) {
		queue_file(file, dag, run, task);
		MUST(strcmp(file, s) == 0);
	}
}

static void
remove_root(void)
{
	char command[100];

	snprintf(command, sizeof command, "rm -rf %s", root);
	if (system(command) != 0)
		perror(root);
}

static void
put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	if (fd < 0)
		return;
	MUST(write(fd, text, strlen(text)) >= 0);
	close(fd);
}

static void
make_root(void)
{
	snprintf(root, sizeof root, "%s/dagfuzz.XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	MUST(mkdtemp(root));
	atexit(remove_root);
}

static void
tell(const char *where, const char *what, void *arg)
{
	(void)where;
	(void)what;
	(void)arg;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *s = fuzz_string(data, n), *p, *end, path[600];
	struct instance inst[2];
	struct spool sp;
	struct run r;
	bool refused;

	if (!root[0])
		make_root();
	remove_root();
	MUST(mkdir(root, 0700) == 0);
	MUST(spool_open(&sp, root, SPOOL_WRITE) == 0);
	sp.durable = false;
	snprintf(path, sizeof path, "%s/runs/f", root);
	MUST(mkdir(path, 0700) == 0);
	snprintf(path, sizeof path, "%s/runs/f/" RUN, root);
	MUST(mkdir(path, 0700) == 0);
	snprintf(path, sizeof path, "%s/runs/f/" RUN "/plan", root);
	put(path, plan, 0400);
	for (p = s; p < s + n; p = end + 1) {
		end = p + strcspn(p, "\n");
		*end = '\0';
		names(p);
		/* the first byte says where it lies */
		if (!*p || strlen(p) > 250 || strchr(p + 1, '/'))
			continue;
		snprintf(path, sizeof path, "%s/%s/%s", root, *p == 'q' ?
		    "queue" : *p == 'r' ? "runs" : *p == 'd' ? "runs/f" :
		    "runs/f/" RUN, p + 1);
		put(path, "", 0600);
	}
	if (run_open(&sp, "f", RUN, &r) == 0) {
		if (run_plan(&r, NULL) == 0)
			MUST(run_states(&r, inst) == 0);
		run_close(&r);
	}
	MUST(check_spool(&sp, false, tell, NULL, NULL, &refused) >= 0);
	MUST(check_spool(&sp, true, tell, NULL, NULL, &refused) >= 0);
	MUST(check_spool(&sp, true, tell, NULL, NULL, &refused) == 0);
	spool_close(&sp);
	free(s);
	return 0;
}
