/*
 * dagq: puts runs into the spool, and changes what is there.
 *
 * Reads records (dagrec(5)) from stdin and makes the runs they ask for; with
 * a verb it reads IDs, from arguments or stdin. Takes the locks of runs/DAG
 * and of runs; what it says it did is on disk.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change.h"
#include "check.h"
#include "ids.h"
#include "intake.h"
#include "kill.h"
#include "num.h"
#include "pool.h"
#include "prog.h"
#include "retire.h"
#include "seen.h"
#include "sweep.h"
#include "tree.h"
#include "worker.h"

static const char usage[] =
	"dagq [-qv] [--spool DIR] [--sync MODE] < records\n"
	"       dagq --rerun [-UDk] [ID ...]\n"
	"       dagq --mark success|failed|skipped [ID ...]\n"
	"       dagq --hold | --release | --kill [ID ...]\n"
	"       dagq --pause DAG ... | --resume DAG ...\n"
	"       dagq --pool NAME=N\n"
	"       dagq --archive [--older AGE] [ID ...]\n"
	"       dagq --check | --repair";

enum { ASK_ABOVE = 100 };	/* IDs that a verb takes without --yes */

enum verb {
	VERB_NONE, VERB_RERUN, VERB_MARK, VERB_HOLD, VERB_RELEASE, VERB_KILL,
	VERB_PAUSE, VERB_RESUME, VERB_POOL, VERB_ARCHIVE, VERB_CHECK,
	VERB_REPAIR,
};

enum { OPT_MARK = OPT_OWN, OPT_HOLD, OPT_RELEASE, OPT_PAUSE, OPT_RESUME,
	OPT_POOL, OPT_ARCHIVE, OPT_OLDER, OPT_CHECK, OPT_REPAIR, OPT_YES,
	OPT_NOTE, OPT_SYNC, OPT_RERUN, OPT_KILL };

static const struct option options[] = {
	{"archive", no_argument, NULL, OPT_ARCHIVE},
	{"check", no_argument, NULL, OPT_CHECK},
	{"downstream", no_argument, NULL, 'D'},
	{"help", no_argument, NULL, OPT_HELP},
	{"hold", no_argument, NULL, OPT_HOLD},
	{"kill", no_argument, NULL, 'k'},
	{"mark", required_argument, NULL, OPT_MARK},
	{"note", required_argument, NULL, OPT_NOTE},
	{"older", required_argument, NULL, OPT_OLDER},
	{"pause", no_argument, NULL, OPT_PAUSE},
	{"pool", required_argument, NULL, OPT_POOL},
	{"quiet", no_argument, NULL, 'q'},
	{"release", no_argument, NULL, OPT_RELEASE},
	{"repair", no_argument, NULL, OPT_REPAIR},
	{"rerun", no_argument, NULL, OPT_RERUN},
	{"resume", no_argument, NULL, OPT_RESUME},
	{"spool", required_argument, NULL, OPT_SPOOL},
	{"sync", required_argument, NULL, OPT_SYNC},
	{"upstream", no_argument, NULL, 'U'},
	{"verbose", no_argument, NULL, 'v'},
	{"version", no_argument, NULL, OPT_VERSION},
	{"yes", no_argument, NULL, OPT_YES},
	{NULL, 0, NULL, 0},
};

static struct {
	enum verb verb;
	bool kill, yes, sync;
	const char *spool, *pool;
	int64_t older;		/* seconds; -1 unless said */
	struct change change;
} opt = {.sync = true, .older = -1};

static struct spool spool;
static struct ids ids;

static void
made(const char *dag, const char *run, void *arg)
{
	(void)arg;
	if (prog_verbose > 0)
		printf("%s/%s\n", dag, run);
}

static void
fault(unsigned long line, const char *text, void *arg)
{
	(void)arg;
	prog_warn("stdin:%lu: %s", line, text);
}

static enum exit_code
queue_records(void)
{
	static struct intake in;
	struct rec_reader reader = {.fd = STDIN_FILENO};
	struct rec rec = {0};
	enum rec_result r;

	in.spool = &spool;
	in.made = made;
	in.fault = fault;
	while ((r = rec_next(&reader, &rec)) != REC_END && r != REC_ERROR) {
		if (r == REC_OK) {
			if (intake_record(&in, &rec, reader.line) < 0)
				prog_die_errno("stdin:%lu: %s", reader.line,
				    rec.id);
			continue;
		}
		in.bad = true;
		fault(reader.line, r == REC_CUT ? "the last line is cut short: "
		    "it is not acted upon" :
		    rec_fault(rec.raw, rec.rawlen), NULL);
		if (rec.rawlen > REC_MAX)
			break;
	}
	if (r == REC_ERROR)
		prog_warn_errno("stdin");
	if (intake_end(&in) < 0)
		prog_die_errno("%s", spool.path);
	rec_free(&rec);
	rec_reader_free(&reader);
	return r == REC_ERROR ? EXIT_SYSTEM : in.bad ? EXIT_BAD : EXIT_OK;
}

/* collects what an ID stands for */
static enum exit_code
add_id(const char *text, void *arg)
{
	struct buf why = BUF_INIT;
	size_t old = ids.n;
	int x;

	(void)arg;
	x = ids_resolve(&spool, text, opt.verb == VERB_RERUN ? IDS_ARCHIVED :
	    0, &ids, &why);
	if (x < 0) {
		if (why.n == 0)
			prog_die_errno("%s", text);
		prog_warn("%s: %s", text, buf_cstr(&why));
	}
	buf_free(&why);
	for (size_t i = old; x == 0 && i < ids.n; i++)
		if (!ids.id[i].run[0]) {
			prog_warn("%s: that is all runs of a DAG; say '%s/*' "
			    "if you mean it", text, text);
			ids.n = old;
			return EXIT_BAD;
		}
	return x < 0 ? EXIT_BAD : EXIT_OK;
}

static const char *
done_word(void)
{
	switch (opt.verb) {
	case VERB_RERUN: return "rerun";
	case VERB_HOLD: return "held";
	case VERB_RELEASE: return "released";
	default: return state_name(opt.change.mark);
	}
}

static void
changed(const struct run *r, const char *task, enum state from, void *arg)
{
	(void)arg;
	if (prog_verbose >= 0)
		printf("%s/%s/%s\t%s\tfrom=%s\n", r->dag, r->name, task,
		    done_word(), state_name(from));
}

static void
refused(const struct run *r, const char *task, const char *why, void *arg)
{
	*(enum exit_code *)arg = EXIT_BAD;
	prog_warn("%s/%s/%s: %s", r->dag, r->name, task, why);
}

/* kills what runs of the chosen tasks of a run */
static enum exit_code
kill_tasks(struct run *r, const bool *chosen)
{
	struct instance *inst = malloc(r->plan->n * sizeof *inst);
	enum exit_code code = EXIT_OK;
	char task[TASK_LEN + 1];
	int x;

	if (!inst || run_states(r, inst) < 0)
		prog_die_errno("%s/%s", r->dag, r->name);
	for (uint32_t t = 0; t < r->plan->n; t++) {
		if (!chosen[t] || inst[t].state != STATE_RUNNING)
			continue;
		x = kill_attempt(r, t, inst[t].attempt, opt.change.note);
		plan_name(r->plan, t, task);
		if (x < 0) {
			prog_warn_errno("%s/%s/%s", r->dag, r->name, task);
			code = EXIT_SYSTEM;
		} else if (x && prog_verbose >= 0)
			printf("%s/%s/%s\tkilled\n", r->dag, r->name, task);
	}
	free(inst);
	return code;
}

static int
open_run(const struct id *id, struct run *r)
{
	struct buf why = BUF_INIT;
	int x;

	if (id->archived &&
	    retire_restore(&spool, id->dag, id->run, &why) < 0 && errno != EEXIST) {
		if (why.n)
			prog_warn("%s/%s: %s", id->dag, id->run,
			    buf_cstr(&why));
		else
			prog_warn_errno("%s/%s", id->dag, id->run);
		buf_free(&why);
		return -1;
	}
	x = run_open(&spool, id->dag, id->run, r);
	if (x == 0 && run_plan(r, &why) < 0) {
		prog_warn("%s/%s: its plan: %s", id->dag, id->run,
		    why.n ? buf_cstr(&why) : strerror(errno));
		run_close(r);
		x = -1;
	} else if (x < 0)
		prog_warn_errno("%s/%s", id->dag, id->run);
	buf_free(&why);
	return x;
}

/* ids[from..to) are of one run */
static enum exit_code
change_one(size_t from, size_t to)
{
	enum exit_code code = EXIT_OK;
	struct run r;
	bool *chosen;
	int64_t t;

	if (open_run(&ids.id[from], &r) < 0)
		return EXIT_BAD;
	chosen = calloc(r.plan->n, sizeof *chosen);
	if (!chosen)
		prog_die_errno("%s", ids.id[from].dag);
	for (size_t i = from; i < to; i++) {
		t = plan_find(r.plan, ids.id[i].task, strlen(ids.id[i].task));
		for (uint32_t k = 0; k < r.plan->n; k++)
			chosen[k] |= !ids.id[i].task[0] || k == t;
	}
	if (opt.verb == VERB_KILL)
		code = kill_tasks(&r, chosen);
	else {
		opt.change.arg = &code;
		if (change_run(&opt.change, &r, chosen) < 0) {
			prog_warn_errno("%s/%s", r.dag, r.name);
			code = EXIT_SYSTEM;
		}
	}
	free(chosen);
	run_close(&r);
	return code;
}

static enum exit_code
archive_one(const char *dag, const char *run)
{
	struct buf why = BUF_INIT;
	enum exit_code code = EXIT_OK;

	if (retire_run(&spool, dag, run, &why) == 0) {
		if (prog_verbose >= 0)
			printf("%s/%s\tarchived\n", dag, run);
	} else {
		code = errno == EBUSY || errno == ENOENT || errno == EBADMSG ||
		    errno == EINVAL ? EXIT_BAD : EXIT_SYSTEM;
		if (why.n)
			prog_warn("%s/%s: %s", dag, run, buf_cstr(&why));
		else
			prog_warn_errno("%s/%s", dag, run);
	}
	buf_free(&why);
	return code;
}

/* goes through the IDs, a run at a time */
static enum exit_code
each_run(enum exit_code worst)
{
	enum exit_code code;
	size_t end;

	if (ids.n > ASK_ABOVE && !opt.yes)
		prog_die(EXIT_BAD, "%zu IDs: more than %d need --yes", ids.n,
		    ASK_ABOVE);
	if (ids.n)
		qsort(ids.id, ids.n, sizeof *ids.id, id_compare);
	for (size_t i = 0; i < ids.n; i = end) {
		for (end = i + 1; end < ids.n &&
		    strcmp(ids.id[i].dag, ids.id[end].dag) == 0 &&
		    strcmp(ids.id[i].run, ids.id[end].run) == 0; end++)
			;
		code = opt.verb == VERB_ARCHIVE ?
		    archive_one(ids.id[i].dag, ids.id[i].run) :
		    change_one(i, end);
		worst = code > worst ? code : worst;
	}
	return worst;
}

static enum exit_code
change(int argc, char **argv)
{
	opt.change.changed = changed;
	opt.change.refused = refused;
	return each_run(prog_each(argc, argv, add_id, NULL));
}

static int
sweep_one(const char *dag, const char *run, void *arg)
{
	(void)arg;
	return (int)archive_one(dag, run);
}

/* without IDs: whatever ended long enough ago */
static enum exit_code
archive(int argc, char **argv)
{
	int x;

	if (argc > 0)
		return change(argc, argv);
	x = sweep(&spool, opt.older, sweep_one, NULL);
	if (x < 0)
		prog_die_errno("%s", spool.path);
	return (enum exit_code)x;
}

static enum exit_code
pause_dag(const char *dag, void *arg)
{
	bool pause = opt.verb == VERB_PAUSE;
	int x;

	(void)arg;
	if (!name_ok(dag, strlen(dag))) {
		prog_warn("%s: not a name for a DAG: %s", dag,
		    name_fault(dag, strlen(dag)));
		return EXIT_BAD;
	}
	x = seen_pause(&spool, dag, pause);
	if (x < 0)
		prog_die_errno("%s", dag);
	if (prog_verbose >= 0)
		printf("%s\t%s%s\n", dag, x ? "" : "already ",
		    pause ? "paused" : x ? "resumed" : "active");
	return EXIT_OK;
}

static enum exit_code
pool(void)
{
	const char *eq = strchr(opt.pool, '=');
	char name[NAME_LEN + 1];
	unsigned held;
	int64_t n;

	if (!eq || !name_ok(opt.pool, (size_t)(eq - opt.pool)) ||
	    num_parse(eq + 1, 0, POOL_SIZE_MAX, &n) < 0)
		prog_die(EXIT_USAGE, "--pool %s: it is NAME=N, N from 0 to %d",
		    opt.pool, POOL_SIZE_MAX);
	snprintf(name, sizeof name, "%.*s", (int)(eq - opt.pool), opt.pool);
	if (pool_resize(&spool, name, (unsigned)n, &held) == 0)
		return EXIT_OK;
	if (errno != EBUSY)
		prog_die_errno("pool %s", name);
	prog_warn("pool %s: %u of the slots to be taken away are in use; the "
	    "others are gone", name, held);
	return EXIT_BAD;
}

static void
wrong(const char *where, const char *what, void *arg)
{
	(void)arg;
	printf("%s\t%s\n", where, what);
}

static enum exit_code
check(void)
{
	int n = check_spool(&spool, opt.verb == VERB_REPAIR, wrong, NULL);

	if (n < 0)
		prog_die_errno("%s", spool.path);
	if (n && prog_verbose >= 0)
		prog_warn(opt.verb == VERB_REPAIR ? "%d put right or set aside "
		    "in bad/" : "%d wrong; --repair puts it right or sets it "
		    "aside", n);
	return n && opt.verb == VERB_CHECK ? EXIT_BAD : EXIT_OK;
}

static void
set_verb(enum verb v)
{
	/* --rerun --kill: what runs is killed first */
	if ((v == VERB_KILL && opt.verb == VERB_RERUN) ||
	    (v == VERB_RERUN && opt.verb == VERB_KILL)) {
		opt.verb = VERB_RERUN;
		opt.change.kill = true;
		return;
	}
	if (opt.verb != VERB_NONE && opt.verb != v)
		prog_die(EXIT_USAGE, "one verb at a time: see dagq --help");
	opt.verb = v;
}

static void
set_mark(const char *s)
{
	enum state m = state_parse(s, strlen(s));

	if (m != STATE_SUCCESS && m != STATE_FAILED && m != STATE_SKIPPED)
		prog_die(EXIT_USAGE, "--mark %s: success, failed or skipped",
		    s);
	set_verb(VERB_MARK);
	opt.change.mark = m;
}

static void
set_option(int c)
{
	switch (c) {
	case 'D': opt.change.downstream = true; break;
	case 'U': opt.change.upstream = true; break;
	case 'k': set_verb(VERB_KILL); break;
	case 'q': prog_verbose = -1; break;
	case 'v': prog_verbose = 1; break;
	case OPT_ARCHIVE: set_verb(VERB_ARCHIVE); break;
	case OPT_CHECK: set_verb(VERB_CHECK); break;
	case OPT_HELP: prog_usage(usage, true);
	case OPT_HOLD: set_verb(VERB_HOLD); break;
	case OPT_MARK: set_mark(optarg); break;
	case OPT_NOTE: opt.change.note = optarg; break;
	case OPT_OLDER:
		if (dur_parse(optarg, &opt.older) < 0)
			prog_die(EXIT_USAGE, "--older %s: not a duration such "
			    "as 30d or 12h", optarg);
		break;
	case OPT_PAUSE: set_verb(VERB_PAUSE); break;
	case OPT_POOL: set_verb(VERB_POOL); opt.pool = optarg; break;
	case OPT_RELEASE: set_verb(VERB_RELEASE); break;
	case OPT_REPAIR: set_verb(VERB_REPAIR); break;
	case OPT_RERUN: set_verb(VERB_RERUN); break;
	case OPT_RESUME: set_verb(VERB_RESUME); break;
	case OPT_SPOOL: opt.spool = optarg; break;
	case OPT_SYNC: opt.sync = prog_sync(optarg); break;
	case OPT_VERSION: prog_version();
	case OPT_YES: opt.yes = true; break;
	default: prog_usage(usage, false);
	}
}

static enum exit_code
act(int argc, char **argv)
{
	static const enum change_verb verbs[] = {
		[VERB_RERUN] = CHANGE_RERUN, [VERB_MARK] = CHANGE_MARK,
		[VERB_HOLD] = CHANGE_HOLD, [VERB_RELEASE] = CHANGE_RELEASE,
	};

	switch (opt.verb) {
	case VERB_NONE:
		return queue_records();
	case VERB_RERUN:
	case VERB_MARK:
	case VERB_HOLD:
	case VERB_RELEASE:
		opt.change.verb = verbs[opt.verb];
		return change(argc, argv);
	case VERB_KILL:
		return change(argc, argv);
	case VERB_PAUSE:
	case VERB_RESUME:
		return prog_each(argc, argv, pause_dag, NULL);
	case VERB_POOL:
		return pool();
	case VERB_ARCHIVE:
		return archive(argc, argv);
	default:
		return check();
	}
}

int
main(int argc, char **argv)
{
	enum exit_code code;
	int c, worker;

	prog_start(argc, argv);
	while ((c = getopt_long(argc, argv, "DUkqv", options, NULL)) != -1)
		set_option(c);
	argc -= optind;
	argv += optind;
	if (argc > 0 && (opt.verb == VERB_NONE || opt.verb == VERB_POOL ||
	    opt.verb == VERB_CHECK || opt.verb == VERB_REPAIR))
		prog_die(EXIT_USAGE, "%s: no argument is wanted here; see "
		    "dagq --help", argv[0]);
	if ((opt.change.upstream || opt.change.downstream) &&
	    opt.verb != VERB_RERUN)
		prog_die(EXIT_USAGE, "--upstream and --downstream go with "
		    "--rerun");
	if (opt.older >= 0 && opt.verb != VERB_ARCHIVE)
		prog_die(EXIT_USAGE, "--older goes with --archive");
	prog_spool(&spool, opt.spool, SPOOL_WRITE);
	spool.durable = opt.sync;
	if ((worker = worker_enter(&spool, "dagq")) < 0 ||
	    tree_clean(&spool) < 0)
		prog_die_errno("%s", spool.path);
	code = act(argc, argv);
	ids_free(&ids);
	worker_leave(&spool, worker);
	spool_close(&spool);
	return prog_end(code);
}
