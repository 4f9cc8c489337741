/*
 * dagexec: runs what is ready in a spool.
 *
 * Claims markers by renaming them, and hands them to supervisors, which
 * outlive it. With a DAG file it makes a run of it, and runs that alone.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "elsewhere.h"
#include "exec.h"
#include "glance.h"
#include "io.h"
#include "num.h"
#include "outbox.h"
#include "prog.h"
#include "progress.h"
#include "retire.h"
#include "sharing.h"
#include "started.h"
#include "sweep.h"
#include "tree.h"
#include "users.h"
#include "worker.h"
#include "worldshell.h"

static const char usage[] =
	"dagexec [-qv] [-j N] [--drain] [--single] [--spool DIR] "
	"[--sync MODE]\n"
	"       dagexec [-qv] [-j N] [--spool DIR] FILE.dag [NAME=VALUE ...]\n"
	"       dagexec --replay [-qv] [-j N] [--into DIR] [--workdir DIR] "
	"[--spool DIR]\n"
	"               [--sync MODE] RUN\n"
	"       dagexec --shell [-q] [--spool DIR] ID\n"
	"       dagexec --task [-qv] [-j N] [--spool DIR] [--sync MODE] "
	"[ID ...]\n"
	"       dagexec --element BATCH/N [-qv] [-j N] [--spool DIR] "
	"[--sync MODE]\n"
	"       dagexec --users FILE [-qv] [-j N] [--drain] [--sync MODE]";

enum { SAMPLES = 500 };		/* runs of a DAG, to guess how much is left */
enum { SKEW = 2 };			/* seconds, of clocks that agree */

enum { OPT_DRAIN = OPT_OWN, OPT_SINGLE, OPT_SYNC, OPT_SHELL, OPT_REPLAY,
	OPT_INTO, OPT_WORKDIR, OPT_USERS, OPT_TASK, OPT_ELEMENT };

static const struct option options[] = {
	{"drain", no_argument, NULL, OPT_DRAIN},
	{"element", required_argument, NULL, OPT_ELEMENT},
	{"help", no_argument, NULL, OPT_HELP},
	{"into", required_argument, NULL, OPT_INTO},
	{"jobs", required_argument, NULL, 'j'},
	{"quiet", no_argument, NULL, 'q'},
	{"replay", no_argument, NULL, OPT_REPLAY},
	{"shell", no_argument, NULL, OPT_SHELL},
	{"single", no_argument, NULL, OPT_SINGLE},
	{"spool", required_argument, NULL, OPT_SPOOL},
	{"sync", required_argument, NULL, OPT_SYNC},
	{"task", no_argument, NULL, OPT_TASK},
	{"users", required_argument, NULL, OPT_USERS},
	{"verbose", no_argument, NULL, 'v'},
	{"version", no_argument, NULL, OPT_VERSION},
	{"workdir", required_argument, NULL, OPT_WORKDIR},
	{NULL, 0, NULL, 0},
};

static struct executor executor;
static struct spool spool;
static struct elsewhere elsewhere;
static bool replay, shell, single, jobs_said, tasks, sync_all = true;
static const char *spool_dir, *users_list, *element;

static void
trouble(const char *what, const char *why, void *arg)
{
	(void)arg;
	prog_warn("%s: %s", what, why);
}

/* a marker's name in queue/ as an ID */
static void
ran(const char *file, enum state state, void *arg)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];

	progress_add(state_ended(state));
	if (arg)
		foreground_ran(arg, file, state);
	else if (prog_verbose > 0 && queue_parse(file, dag, run, task) == 0)
		prog_warn("%s/%s/%s: %s", dag, run, task,
		    state == STATE_READY ? "again later" : state_name(state));
}

static void
event(const struct watch_event *e, void *arg)
{
	if (arg)
		foreground_event(arg, e);
}

static void
archived(const char *dag, const char *run, int error, const char *why,
    void *arg)
{
	(void)arg;
	if (error && error != EBUSY && error != ENOENT)
		prog_warn("%s/%s: %s", dag, run, why ? why : strerror(error));
}

/* archives what is old enough; when there will be more */
static int64_t
tidy(void *arg)
{
	int64_t next = 0;

	(void)arg;
	if (sweep(&spool, -1, archived, NULL, &next) < 0)
		prog_warn_errno("%s", spool.path);
	return next;
}

/* how many tasks of a DAG neither are ready nor have ended; of many runs some
 * are looked at, and stand for all */
static uint64_t
left_of(const char *dag)
{
	struct run_entry *run;
	struct glance g;
	size_t n, step, looked = 0;
	uint64_t sum = 0;

	if (spool_runs(&spool, dag, false, &run, &n) < 0)
		return 0;
	step = n / SAMPLES + 1;
	for (size_t i = 0; i < n; i += step, looked++) {
		glance(&spool, dag, run[i].name, &g);
		sum += g.count[STATE_WAITING] + g.count[STATE_RUNNING];
	}
	free(run);
	return looked ? sum * n / looked : 0;
}

static uint64_t
left(void)
{
	struct names names;
	uint64_t n;

	if (names_list(spool.fd, "queue", &names) < 0)
		return 0;
	n = names.n;
	names_free(&names);
	if (spool_dags(&spool, &names) < 0)
		return 0;
	for (size_t i = 0; i < names.n; i++)
		n += left_of(names.name[i]);
	names_free(&names);
	return n;
}

/* the spool; a shared one, if it can be one */
static void
open_spool(void)
{
	struct buf why = BUF_INIT;
	int64_t ahead;
	int x;

	prog_spool(&spool, spool_dir, SPOOL_WRITE);
	if (!spool.shared)
		return;
	x = sharing_check(&spool, &why, &ahead);
	if (x < 0)
		prog_die_errno("%s/tmp", spool.path);
	if (x > 0)
		prog_die(EXIT_BAD, "spool %s: machines cannot share it: %s",
		    spool.path, buf_cstr(&why));
	if (ahead < -SKEW || ahead > SKEW)
		prog_warn("spool %s: the clock of its server is %lld seconds "
		    "%s ours", spool.path, llabs((long long)ahead),
		    ahead > 0 ? "ahead of" : "behind");
	buf_free(&why);
}

/*
 * Enters us among the workers. With --single: unless another dagexec is
 * there; the lock on workers/ is held meanwhile, so that of two that start at
 * once one sees the other.
 */
static int
enter(void)
{
	int dir = io_open(spool.fd, "workers", O_RDONLY | O_DIRECTORY, 0), fd;
	struct peers there = {0};
	char machine[64];

	if (dir < 0 || flock(dir, LOCK_EX) < 0)
		prog_die_errno("%s/workers", spool.path);
	if (single) {
		if (peers_look(&there, &spool) < 0)
			prog_die_errno("%s/workers", spool.path);
		if (peers_have(&there, "dagexec")) {
			if (prog_verbose > 0)
				prog_warn("another dagexec serves %s",
				    spool.path);
			exit(EXIT_OK);
		}
		peers_free(&there);
	}
	switch (worker_serve(&spool, machine)) {
	case 0:
		break;
	case 1:
		prog_die(EXIT_SYSTEM, "%s: it is served by a dagexec on %s",
		    spool.path, machine[0] ? machine : "another machine");
	default:
		prog_die_errno("%s/workers/.served", spool.path);
	}
	fd = worker_enter(&spool, "dagexec");
	if (fd < 0)
		prog_die_errno("%s/workers", spool.path);
	close(dir);
	return fd;
}

/* what --drain has not waited for */
static void
tell_left(void)
{
	size_t waiting, undelivered;
	int64_t due;

	if (prog_verbose >= 0 && executor.drain &&
	    outbox_count(&spool, &waiting, &undelivered, &due) == 0 &&
	    waiting > 0)
		prog_warn("%zu notice%s not delivered yet: the next dagexec "
		    "tries again", waiting, waiting == 1 ? " is" : "s are");
}

static enum exit_code
serve(void)
{
	int worker;

	open_spool();
	spool.durable = sync_all;
	worker = enter();
	if (executor_start(&executor, &spool) < 0)
		prog_die_errno("cannot start a supervisor");
	if (tree_clean(&spool) < 0)
		prog_die_errno("%s/tmp", spool.path);
	if (executor.drain)
		progress_begin("tasks", 0, left);
	if (executor_run(&executor) < 0)
		prog_die_errno("%s", spool.path);
	progress_end();
	tell_left();
	if (!executor.stopped)
		tidy(NULL);
	executor_end(&executor);
	worker_leave(&spool, worker);
	spool_close(&spool);
	return executor.failed && executor.drain ? EXIT_BAD : EXIT_OK;
}

/* FILE.dag: a run of it, in the foreground; or one of an archive */
static enum exit_code
run_file(int argc, char **argv)
{
	struct foreground f = {.spool = &spool, .executor = &executor};
	enum exit_code code = EXIT_OK;
	int worker;

	if (replay)
		elsewhere_make(&elsewhere, &f);
	else
		open_spool();
	spool.durable = sync_all;
	worker = enter();
	if (executor_start(&executor, &spool) < 0)
		prog_die_errno("cannot start a supervisor");
	if (!replay)
		code = foreground_make(&f, argv[0], argc - 1, argv + 1);
	if (code == EXIT_OK) {
		executor.arg = &f;
		executor.drain = true;
		code = foreground_run(&f);
		tell_left();
	}
	executor_end(&executor);
	worker_leave(&spool, worker);
	spool_close(&spool);
	return code;
}

/* --users: the same for each of them, by a dagexec of his own */
static enum exit_code
serve_users(void)
{
	static char jobs[16];
	static const char *more[8] = {"-j", jobs};
	size_t n = 2;

	snprintf(jobs, sizeof jobs, "%u", executor.nslot);
	if (executor.drain)
		more[n++] = "--drain";
	if (!sync_all)
		more[n++] = "--sync=none";
	if (prog_verbose)
		more[n++] = prog_verbose > 0 ? "-v" : "-q";
	return users_serve(users_list, more, executor.drain);
}

static void
set_jobs(const char *s)
{
	int64_t n;

	if (num_parse(s, 1, SLOTS_MAX, &n) < 0)
		prog_die(EXIT_USAGE, "-j %s: a number from 1 to %d is wanted",
		    s, SLOTS_MAX);
	executor.nslot = (unsigned)n;
	jobs_said = true;
}

/* --task, --element: one at a time, unless said */
static enum exit_code
serve_engine(int argc, char **argv)
{
	enum exit_code code;

	if (replay || shell || single || executor.drain ||
	    (element && (tasks || argc > 0)))
		prog_die(EXIT_USAGE, "--task wants IDs, --element a batch's "
		    "element, and nothing else");
	open_spool();
	spool.durable = sync_all;
	code = started_run(&spool, jobs_said ? executor.nslot : 1, argc, argv,
	    element);
	spool_close(&spool);
	return code;
}

int
main(int argc, char **argv)
{
	long cpus;
	int c;

	prog_start(argc, argv);
	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	executor.nslot = cpus < 1 ? 1 : cpus > SLOTS_MAX ? SLOTS_MAX :
	    (unsigned)cpus;
	while ((c = getopt_long(argc, argv, "j:qv", options, NULL)) != -1)
		switch (c) {
		case 'j': set_jobs(optarg); break;
		case 'q': prog_verbose = -1; break;
		case 'v': prog_verbose = 1; break;
		case OPT_ELEMENT: element = optarg; break;
		case OPT_TASK: tasks = true; break;
		case OPT_DRAIN: executor.drain = true; break;
		case OPT_HELP: prog_usage(usage, true);
		case OPT_INTO: elsewhere.into = optarg; break;
		case OPT_REPLAY: replay = true; break;
		case OPT_SHELL: shell = true; break;
		case OPT_SINGLE: single = true; break;
		case OPT_SPOOL: spool_dir = optarg; break;
		case OPT_SYNC: sync_all = prog_sync(optarg); break;
		case OPT_USERS: users_list = optarg; break;
		case OPT_VERSION: prog_version();
		case OPT_WORKDIR: elsewhere.workdir = optarg; break;
		default: prog_usage(usage, false);
		}
	executor.ran = ran;
	executor.trouble = trouble;
	executor.event = event;
	executor.tidy = tidy;
	if (users_list && (optind < argc || shell || single || spool_dir ||
	    replay))
		prog_die(EXIT_USAGE, "--users: no spool, ID or file goes with "
		    "it");
	if (users_list)
		return prog_end(serve_users());
	if (tasks || element)
		return prog_end(serve_engine(argc - optind, argv + optind));
	if (shell && (argc - optind != 1 || executor.drain || single ||
	    replay))
		prog_die(EXIT_USAGE, "--shell: the ID of one task is wanted, "
		    "and nothing else");
	if (replay && argc - optind != 1)
		prog_die(EXIT_USAGE, "--replay: one run is wanted, its ID or "
		    "the path of its archive");
	if (!replay && (elsewhere.into || elsewhere.workdir))
		prog_die(EXIT_USAGE, "--into and --workdir are for --replay");
	elsewhere.run = argv[optind];
	elsewhere.spool = spool_dir;
	if (shell) {
		prog_spool(&spool, spool_dir, SPOOL_READ);
		return prog_end(worldshell(&spool, argv[optind]));
	}
	if (optind == argc)
		return prog_end(serve());
	if (executor.drain || single)
		prog_die(EXIT_USAGE, "--drain and --single do not go with %s",
		    replay ? "--replay" : "a file");
	return prog_end(run_file(argc - optind, argv + optind));
}
