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

#include "backfills.h"
#include "fillwait.h"
#include "dagqids.h"
#include "intake.h"
#include "num.h"
#include "pool.h"
#include "prog.h"
#include "text.h"
#include "tree.h"
#include "worker.h"

static const char usage[] =
	"dagq [-qv] [--spool DIR] [--sync MODE] < records\n"
	"       dagq --rerun [-UDkn] [--failed] [--force] [--past] "
	"[--future]\n"
	"            [--latest] [--param NAME=VALUE ...] [ID ...]\n"
	"       dagq --mark success|failed|skipped [-n] [ID ...]\n"
	"       dagq --hold | --release | --kill [-n] [ID ...]\n"
	"       dagq --pause DAG ... | --resume DAG ...\n"
	"       dagq --pool NAME=N\n"
	"       dagq --backfill pause|resume|cancel [NAME ...]\n"
	"       dagq --archive [-n] [--older AGE] [ID ...]\n"
	"       dagq --purge [-n] [--older AGE] [ID ...]\n"
	"       dagq --check | --repair";

enum { PARAMS = 100 };	/* of --param, at most */

enum { OPT_MARK = OPT_OWN, OPT_HOLD, OPT_RELEASE, OPT_PAUSE, OPT_RESUME,
	OPT_POOL, OPT_ARCHIVE, OPT_OLDER, OPT_CHECK, OPT_REPAIR, OPT_YES,
	OPT_NOTE, OPT_BACKFILL, OPT_SYNC, OPT_RERUN, OPT_LATEST, OPT_SAME,
	OPT_FAILED, OPT_FORCE, OPT_PAST, OPT_FUTURE, OPT_PARAM, OPT_PURGE };

static const struct option options[] = {
	{"archive", no_argument, NULL, OPT_ARCHIVE},
	{"backfill", required_argument, NULL, OPT_BACKFILL},
	{"check", no_argument, NULL, OPT_CHECK},
	{"downstream", no_argument, NULL, 'D'},
	{"dry-run", no_argument, NULL, 'n'},
	{"failed", no_argument, NULL, OPT_FAILED},
	{"force", no_argument, NULL, OPT_FORCE},
	{"future", no_argument, NULL, OPT_FUTURE},
	{"help", no_argument, NULL, OPT_HELP},
	{"hold", no_argument, NULL, OPT_HOLD},
	{"kill", no_argument, NULL, 'k'},
	{"latest", no_argument, NULL, OPT_LATEST},
	{"mark", required_argument, NULL, OPT_MARK},
	{"note", required_argument, NULL, OPT_NOTE},
	{"older", required_argument, NULL, OPT_OLDER},
	{"param", required_argument, NULL, OPT_PARAM},
	{"past", no_argument, NULL, OPT_PAST},
	{"pause", no_argument, NULL, OPT_PAUSE},
	{"pool", required_argument, NULL, OPT_POOL},
	{"purge", no_argument, NULL, OPT_PURGE},
	{"quiet", no_argument, NULL, 'q'},
	{"release", no_argument, NULL, OPT_RELEASE},
	{"repair", no_argument, NULL, OPT_REPAIR},
	{"rerun", no_argument, NULL, OPT_RERUN},
	{"resume", no_argument, NULL, OPT_RESUME},
	{"same", no_argument, NULL, OPT_SAME},
	{"spool", required_argument, NULL, OPT_SPOOL},
	{"sync", required_argument, NULL, OPT_SYNC},
	{"upstream", no_argument, NULL, 'U'},
	{"verbose", no_argument, NULL, 'v'},
	{"version", no_argument, NULL, OPT_VERSION},
	{"yes", no_argument, NULL, OPT_YES},
	{NULL, 0, NULL, 0},
};

struct dagq dagq = {.sync = true, .older = -1};

static void
made(const char *dag, const char *run, void *arg)
{
	(void)arg;
	if (prog_verbose > 0)
		printf("%s/%s\n", dag, run);
}

static void
cancelled(const char *dag, const char *run, void *arg)
{
	(void)arg;
	if (prog_verbose >= 0)
		prog_warn("%s/%s: cancelled", dag, run);
}

static void
fault(unsigned long line, const char *text, void *arg)
{
	(void)arg;
	prog_warn("stdin:%lu: %s", line, text);
}

/*
 * The stream pauses: what has come so far is to be on disk, and said. That it
 * cannot be said is found again, and told, by prog_end: what comes is queued.
 */
static void
pause_records(void *arg)
{
	if (intake_pause(arg) < 0)
		prog_die_errno("%s", dagq.spool.path);
	(void)fflush(stdout);
}

static enum exit_code
queue_records(void)
{
	static struct intake in;
	struct rec_reader reader = {.fd = STDIN_FILENO,
	    .pause = pause_records, .arg = &in};
	struct rec rec = {0};
	enum rec_result r;

	in.spool = &dagq.spool;
	in.made = made;
	in.fault = fault;
	in.cancelled = cancelled;
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
	}
	if (r == REC_ERROR)
		prog_warn_errno("stdin");
	if (intake_end(&in) < 0)
		prog_die_errno("%s", dagq.spool.path);
	rec_free(&rec);
	rec_reader_free(&reader);
	return r == REC_ERROR ? EXIT_SYSTEM : in.bad ? EXIT_BAD : EXIT_OK;
}

static enum exit_code
pool(void)
{
	const char *eq = strchr(dagq.pool, '=');
	char name[NAME_LEN + 1];
	unsigned held;
	int64_t n;

	if (!eq || !name_ok(dagq.pool, (size_t)(eq - dagq.pool)) ||
	    num_parse(eq + 1, 0, POOL_SIZE_MAX, &n) < 0)
		prog_die(EXIT_USAGE, "--pool %s: it is NAME=N, N from 0 to %d",
		    dagq.pool, POOL_SIZE_MAX);
	snprintf(name, sizeof name, "%.*s", (int)(eq - dagq.pool), dagq.pool);
	if (pool_resize(&dagq.spool, name, (unsigned)n, &held) == 0)
		return EXIT_OK;
	if (errno != EBUSY)
		prog_die_errno("pool %s", name);
	prog_warn("pool %s: %u of the slots to be taken away are in use; the "
	    "others are gone", name, held);
	return EXIT_BAD;
}

/* lets the waiting runs of a backfill follow what has become of it */
static int
wait_as(const char *name)
{
	struct backfills b;
	int x = backfills_load(&dagq.spool, &b);

	for (size_t i = 0; i < b.n && x == 0; i++)
		if (strcmp(b.part[i].name, name) == 0 &&
		    b.part[i].state != BACKFILL_DONE)
			x = fillwait(&dagq.spool, &b.part[i]);
	backfills_free(&b);
	return x;
}

static enum exit_code
set_backfill(const char *name, void *arg)
{
	enum backfills_state *state = arg;
	int x;

	if (!name_ok(name, strlen(name))) {
		prog_warn("%s: not a name for a backfill: %s", name,
		    name_fault(name, strlen(name)));
		return EXIT_BAD;
	}
	x = backfills_set(&dagq.spool, name, *state, dagq.change.note);
	if (x < 0 && errno == ENOENT) {
		prog_warn("%s: there is no such backfill", name);
		return EXIT_BAD;
	}
	if (x < 0 || wait_as(name) < 0)
		prog_die_errno("%s", name);
	if (prog_verbose >= 0)
		printf("%s\t%s%s\n", name, x ? "" : "already ",
		    backfills_state_name(*state));
	return EXIT_OK;
}

static enum exit_code
backfill(int argc, char **argv)
{
	static const char *const words[] = {"resume", "pause", "cancel"};
	enum backfills_state state;

	for (state = 0; strcmp(words[state], dagq.backfill) != 0; state++)
		if (state == BACKFILL_CANCELLED)
			prog_die(EXIT_USAGE, "--backfill %s: pause, resume or "
			    "cancel", dagq.backfill);
	return prog_each(argc, argv, set_backfill, &state);
}

static void
set_verb(enum verb v)
{
	/* --rerun --kill: what runs is killed first */
	if ((v == VERB_KILL && dagq.verb == VERB_RERUN) ||
	    (v == VERB_RERUN && dagq.verb == VERB_KILL)) {
		dagq.verb = VERB_RERUN;
		dagq.change.kill = true;
		return;
	}
	if (dagq.verb != VERB_NONE && dagq.verb != v)
		prog_die(EXIT_USAGE, "one verb at a time: see dagq --help");
	dagq.verb = v;
}

static void
set_mark(const char *s)
{
	enum state m = state_parse(s, strlen(s));

	if (m != STATE_SUCCESS && m != STATE_FAILED && m != STATE_SKIPPED)
		prog_die(EXIT_USAGE, "--mark %s: success, failed or skipped",
		    s);
	set_verb(VERB_MARK);
	dagq.change.mark = m;
}

/* one more NAME=VALUE; they live in argv */
static void
add_param(char *s)
{
	static struct rec_field params[PARAMS];
	char *eq = strchr(s, '=');

	if (!eq || !name_ok(s, (size_t)(eq - s)))
		prog_die(EXIT_USAGE, "--param %s: it is NAME=VALUE", s);
	if (dagq.change.nparam == PARAMS)
		prog_die(EXIT_USAGE, "--param: at most %d", PARAMS);
	*eq = '\0';
	params[dagq.change.nparam++] = (struct rec_field){s, eq + 1};
	dagq.change.param = params;
}

static void
set_option(int c)
{
	switch (c) {
	case 'D': dagq.change.downstream = true; break;
	case 'U': dagq.change.upstream = true; break;
	case 'k': set_verb(VERB_KILL); break;
	case 'n': dagq.dry = true; break;
	case 'q': prog_verbose = -1; break;
	case 'v': prog_verbose = 1; break;
	case OPT_ARCHIVE: set_verb(VERB_ARCHIVE); break;
	case OPT_BACKFILL:
		set_verb(VERB_BACKFILL);
		dagq.backfill = optarg;
		break;
	case OPT_CHECK: set_verb(VERB_CHECK); break;
	case OPT_FAILED: dagq.change.failed = true; break;
	case OPT_FORCE: dagq.change.force = true; break;
	case OPT_FUTURE: dagq.future = true; break;
	case OPT_HELP: prog_usage(usage, true);
	case OPT_HOLD: set_verb(VERB_HOLD); break;
	case OPT_LATEST: dagq.change.latest = true; break;
	case OPT_MARK: set_mark(optarg); break;
	case OPT_NOTE: dagq.change.note = optarg; break;
	case OPT_OLDER:
		if (dur_parse(optarg, &dagq.older) < 0)
			prog_die(EXIT_USAGE, "--older %s: not a duration such "
			    "as 30d or 12h", optarg);
		break;
	case OPT_PARAM: add_param(optarg); break;
	case OPT_PAST: dagq.past = true; break;
	case OPT_PAUSE: set_verb(VERB_PAUSE); break;
	case OPT_POOL: set_verb(VERB_POOL); dagq.pool = optarg; break;
	case OPT_PURGE: set_verb(VERB_PURGE); break;
	case OPT_RELEASE: set_verb(VERB_RELEASE); break;
	case OPT_REPAIR: set_verb(VERB_REPAIR); break;
	case OPT_RERUN: set_verb(VERB_RERUN); break;
	case OPT_RESUME: set_verb(VERB_RESUME); break;
	case OPT_SAME: dagq.change.latest = false; break;
	case OPT_SPOOL: dagq.dir = optarg; break;
	case OPT_SYNC: dagq.sync = prog_sync(optarg); break;
	case OPT_VERSION: prog_version();
	case OPT_YES: dagq.yes = true; break;
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

	switch (dagq.verb) {
	case VERB_NONE:
		return queue_records();
	case VERB_RERUN:
	case VERB_MARK:
	case VERB_HOLD:
	case VERB_RELEASE:
		dagq.change.verb = verbs[dagq.verb];
		return dagqids_change(argc, argv);
	case VERB_KILL:
		return dagqids_change(argc, argv);
	case VERB_PAUSE:
	case VERB_RESUME:
		return dagqpause(argc, argv);
	case VERB_POOL:
		return pool();
	case VERB_BACKFILL:
		return backfill(argc, argv);
	case VERB_ARCHIVE:
		return dagqids_archive(argc, argv);
	case VERB_PURGE:
		return argc > 0 ? dagqids_change(argc, argv) : dagqpurge_due();
	default:
		return dagqcheck();
	}
}

/* options that go with some verbs only */
static void
check_options(void)
{
	const struct change *c = &dagq.change;
	enum verb v = dagq.verb;

	if ((c->upstream || c->downstream || c->latest || c->failed ||
	    c->force || c->nparam || dagq.past || dagq.future) &&
	    v != VERB_RERUN)
		prog_die(EXIT_USAGE, "--upstream, --downstream, --latest, "
		    "--failed, --force, --past, --future and --param go with "
		    "--rerun");
	if (c->failed && c->kill)
		prog_die(EXIT_USAGE, "--failed and --kill: what failed does "
		    "not run");
	if (dagq.dry && (v == VERB_NONE || v == VERB_POOL || v == VERB_PAUSE ||
	    v == VERB_RESUME || v == VERB_BACKFILL || v == VERB_CHECK ||
	    v == VERB_REPAIR))
		prog_die(EXIT_USAGE, "--dry-run goes with --rerun, --mark, "
		    "--hold, --release, --kill, --archive and --purge");
	if (c->note && (v == VERB_NONE || v == VERB_POOL ||
	    v == VERB_ARCHIVE || v == VERB_CHECK || v == VERB_REPAIR))
		prog_die(EXIT_USAGE, "--note goes with --rerun, --mark, "
		    "--hold, --release, --kill, --pause, --resume, "
		    "--backfill and --purge");
	if (dagq.older >= 0 && v != VERB_ARCHIVE && v != VERB_PURGE)
		prog_die(EXIT_USAGE, "--older goes with --archive and "
		    "--purge");
}

int
main(int argc, char **argv)
{
	enum exit_code code;
	int c, worker = -1;
	bool reads;

	prog_start(argc, argv);
	while ((c = getopt_long(argc, argv, "DUknqv", options, NULL)) != -1)
		set_option(c);
	argc -= optind;
	argv += optind;
	if (argc > 0 && (dagq.verb == VERB_NONE || dagq.verb == VERB_POOL ||
	    dagq.verb == VERB_CHECK || dagq.verb == VERB_REPAIR))
		prog_die(EXIT_USAGE, "%s: no argument is wanted here; see "
		    "dagq --help", argv[0]);
	check_options();
	reads = dagq.dry || dagq.verb == VERB_CHECK;
	prog_spool(&dagq.spool, dagq.dir, reads ? SPOOL_READ : SPOOL_WRITE);
	dagq.spool.durable = dagq.sync;
	if (!reads && ((worker = worker_enter(&dagq.spool, "dagq")) < 0 ||
	    tree_clean(&dagq.spool) < 0) &&
	    /* what is no directory may be what it is to put right */
	    (dagq.verb != VERB_REPAIR || !run_damaged(errno)))
		prog_die_errno("%s", dagq.spool.path);
	code = act(argc, argv);
	if (!reads)
		worker_leave(&dagq.spool, worker);
	spool_close(&dagq.spool);
	return prog_end(code);
}
