/* moves: every move of a marker, those that there are and those refused. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "io.h"
#include "spool.h"

#include "tap.h"

/* as dagspool(5) has it: rows from, columns to; w h r R s f k u */
static const char *const legal[STATES] = {
	[STATE_WAITING] =		".xxxxxxx",
	[STATE_HELD] =			"x...xxx.",
	[STATE_READY] =			"xx.xxxx.",
	[STATE_RUNNING] =		"xxx.xxx.",
	[STATE_SUCCESS] =		"xx...xx.",
	[STATE_FAILED] =		"xx..x.x.",
	[STATE_SKIPPED] =		"xx..xx..",
	[STATE_UPSTREAM_FAILED] =	"xx..xxx.",
};

static struct spool sp;
static struct run run;

static struct instance
in(int s)
{
	return (struct instance){(enum state)s, s == STATE_RUNNING ? 3 : 0};
}

static void
put(int s)
{
	char file[FILE_LEN];
	int dir = marker_place(&run, "t", in(s), file);

	if (marker_make(dir, file) < 0)
		exit(1);
}

static bool
there(int s)
{
	char file[FILE_LEN];
	int dir = marker_place(&run, "t", in(s), file);

	return faccessat(dir, file, F_OK, 0) == 0;
}

static void
clear(void)
{
	char file[FILE_LEN];

	for (int s = 0; s < STATES; s++) {
		int dir = marker_place(&run, "t", in(s), file);

		unlinkat(dir, file, 0);
	}
}

static void
begin(void)
{
	static const char plan[] = "dag\td\ttasks=1\ntask\td/t\trun=true\n";
	struct buf b = BUF_INIT;
	int fd;

	if (spool_open(&sp, NULL, SPOOL_WRITE) < 0 ||
	    mkdirat(sp.runs, "d", 0700) < 0 ||
	    mkdirat(sp.runs, "d/2026-01-01T0000Z", 0700) < 0 ||
	    run_open(&sp, "d", "2026-01-01T0000Z", &run) < 0)
		exit(1);
	buf_str(&b, plan);
	fd = io_open(run.fd, ".", O_RDONLY, 0);
	if (io_write_file(sp.tmp, fd, "plan", &b, NULL) < 0 ||
	    run_plan(&run, NULL) < 0)
		exit(1);
	close(fd);
	buf_free(&b);
}

/* a move that is not in the table is a caller's bug: it aborts */
static bool
aborts(int from, int to)
{
	struct rlimit none = {0, 0};
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		task_move(&run, "t", in(from), in(to));
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void
one(int from, int to)
{
	char what[64];
	bool good;

	snprintf(what, sizeof what, "%s to %s", state_name((enum state)from),
	    state_name((enum state)to));
	put(from);
	if (legal[from][to] != 'x') {
		ok(aborts(from, to) && there(from), "%s", what);
		clear();
		return;
	}
	good = task_move(&run, "t", in(from), in(to)) == 0 && there(to) &&
	    !there(from) && task_state(&run, "t").state == (enum state)to;
	/* again: somebody else was first */
	good = good && task_move(&run, "t", in(from), in(to)) < 0 &&
	    errno == ENOENT && there(to);
	/* never over another marker */
	put(from);
	good = good && task_move(&run, "t", in(from), in(to)) < 0 &&
	    errno == EEXIST && there(from) && there(to);
	ok(good, "%s", what);
	clear();
}

static void
of_runs(void)
{
	ok(run_state(&run) == RUN_NONE, "a run without a state");
	if (marker_make(run.fd, "@waiting") < 0)
		exit(1);
	ok(run_move(&run, RUN_WAITING, RUN_ACTIVE) == 0 &&
	    run_state(&run) == RUN_ACTIVE, "a run: waiting to active");
	ok(run_move(&run, RUN_WAITING, RUN_ACTIVE) < 0 && errno == ENOENT,
	    "a run: somebody else was first");
	if (marker_make(run.fd, "@failed") < 0)
		exit(1);
	ok(run_move(&run, RUN_ACTIVE, RUN_FAILED) < 0 && errno == EEXIST &&
	    run_state(&run) == RUN_ACTIVE, "a run: never over another state");
}

int
main(void)
{
	begin();
	for (int from = 0; from < STATES; from++)
		for (int to = 0; to < STATES; to++)
			one(from, to);
	of_runs();
	run_close(&run);
	spool_close(&sp);
	return tap_end();
}
