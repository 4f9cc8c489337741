/*
 * dagstat: shows runs and tasks, their logs, and what they wait for.
 *
 * Reads the spool, its history and its archive; IDs from arguments or stdin.
 * Writes nothing there, and takes no lock.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "await.h"
#include "list.h"
#include "notice.h"
#include "num.h"
#include "prog.h"
#include "statlog.h"
#include "text.h"
#include "why.h"

static const char usage[] =
	"dagstat [-aqv] [--json] [--spool DIR] [--STATE ...] [ID ...]\n"
	"       dagstat --missed [--json] [DAG ...]\n"
	"       dagstat --log [-f] [-n LINES] [--attempt N] [ID ...]\n"
	"       dagstat --wait [ID ...]\n"
	"       dagstat --why [--json] [ID ...]\n"
	"STATE: waiting, held, ready, running, success, failed, skipped, "
	"upstream-failed";

enum mode { MODE_LIST, MODE_MISSED, MODE_LOG, MODE_WAIT, MODE_WHY };

enum { OPT_JSON = OPT_OWN, OPT_MISSED, OPT_LOG, OPT_WAIT, OPT_WHY,
	OPT_ATTEMPT, OPT_STATE };

static const struct option options[] = {
	{"all", no_argument, NULL, 'a'},
	{"attempt", required_argument, NULL, OPT_ATTEMPT},
	{"failed", no_argument, NULL, OPT_STATE + STATE_FAILED},
	{"follow", no_argument, NULL, 'f'},
	{"held", no_argument, NULL, OPT_STATE + STATE_HELD},
	{"help", no_argument, NULL, OPT_HELP},
	{"json", no_argument, NULL, OPT_JSON},
	{"lines", required_argument, NULL, 'n'},
	{"log", no_argument, NULL, OPT_LOG},
	{"missed", no_argument, NULL, OPT_MISSED},
	{"quiet", no_argument, NULL, 'q'},
	{"ready", no_argument, NULL, OPT_STATE + STATE_READY},
	{"running", no_argument, NULL, OPT_STATE + STATE_RUNNING},
	{"skipped", no_argument, NULL, OPT_STATE + STATE_SKIPPED},
	{"spool", required_argument, NULL, OPT_SPOOL},
	{"success", no_argument, NULL, OPT_STATE + STATE_SUCCESS},
	{"upstream-failed", no_argument, NULL,
	    OPT_STATE + STATE_UPSTREAM_FAILED},
	{"verbose", no_argument, NULL, 'v'},
	{"version", no_argument, NULL, OPT_VERSION},
	{"wait", no_argument, NULL, OPT_WAIT},
	{"waiting", no_argument, NULL, OPT_STATE + STATE_WAITING},
	{"why", no_argument, NULL, OPT_WHY},
	{NULL, 0, NULL, 0},
};

static struct {
	enum mode mode;
	bool all, json;
	unsigned states;
	const char *spool;
	struct statlog log;
} opt;

static struct spool spool;
static struct ids ids;

/* an error about an ID, in words or errno's */
static enum exit_code
bad_id(const char *id, const struct buf *why)
{
	if (why->n == 0)
		prog_die_errno("%s", id);
	prog_warn("%s: %.*s", id, (int)why->n, why->p);
	return EXIT_BAD;
}

/* collects what an ID stands for; arg: NULL, or flags, and there may be none */
static enum exit_code
add_id(const char *text, void *arg)
{
	struct buf why = BUF_INIT;
	enum exit_code r = EXIT_OK;

	if (ids_resolve(&spool, text, arg ? *(unsigned *)arg : IDS_ARCHIVED,
	    &ids, &why) < 0 && !(arg && errno == ENOENT))
		r = bad_id(text, &why);
	buf_free(&why);
	return r;
}

/* replaces the IDs that stand for more: a DAG by its runs that are not
 * archived, a run by its tasks */
static enum exit_code
expand(bool tasks)
{
	struct buf text = BUF_INIT;
	struct ids before = ids;
	enum exit_code worst = EXIT_OK, r;
	unsigned live = 0;

	ids = (struct ids)IDS_INIT;
	for (size_t i = 0; i < before.n; i++) {
		buf_reset(&text);
		id_text(&text, &before.id[i]);
		if (!before.id[i].run[0])
			buf_str(&text, "/*");
		if (tasks && !before.id[i].task[0])
			buf_str(&text, "/*");
		r = add_id(buf_cstr(&text), before.id[i].run[0] ? NULL :
		    &live);
		worst = r > worst ? r : worst;
	}
	ids_free(&before);
	buf_free(&text);
	return worst;
}

static void
put(const struct buf *b)
{
	if (b->err)
		prog_die(EXIT_SYSTEM, "%s", strerror(b->err));
	fwrite(b->p, 1, b->n, stdout);
}

static void
fault(const char *thing, const char *why)
{
	prog_warn("%s: %s", thing, why);
}

/* runs a listing over what was asked for: the IDs, or all there is */
static int
list_all(struct list *l)
{
	struct names dags;
	int x = 0;

	if (spool_dags(&spool, &dags) < 0)
		return -1;
	for (size_t i = 0; i < dags.n && x == 0; i++)
		x = opt.mode == MODE_MISSED ? list_missed(l, dags.name[i]) :
		    opt.states ? list_dag_tasks(l, dags.name[i], opt.all) :
		    list_runs(l, dags.name[i], opt.all);
	names_free(&dags);
	return x;
}

static int
list_one(struct list *l, const struct id *id)
{
	if (opt.mode == MODE_MISSED)
		return list_missed(l, id->dag);
	if (id->run[0])
		return list_tasks(l, id);
	return opt.states ? list_dag_tasks(l, id->dag, opt.all) :
	    list_runs(l, id->dag, true);
}

/* the lines that come before all others */
static void
put_notices(bool all)
{
	struct buf b = BUF_INIT;

	if (opt.json || prog_verbose < 0)
		return;
	if (notice_spool(&spool, &b) < 0)
		prog_die_errno("%s", spool.path);
	if (all)
		notice_files(&b);
	put(&b);
	buf_free(&b);
}

static void
begin(struct view *v)
{
	view_begin(v, opt.json);
	v->bare = prog_verbose < 0;
}

static void
finish(struct view *v, enum view_kind empty)
{
	struct buf b = BUF_INIT;

	view_end(v, empty, &b);
	put(&b);
	buf_free(&b);
}

static enum exit_code
list(bool restricted)
{
	bool tasks = opt.states;
	struct view v;
	struct list l = { .spool = &spool, .view = &v, .states = opt.states,
	    .fault = fault };
	int x = 0;

	put_notices(!restricted && opt.mode == MODE_LIST && !opt.states);
	begin(&v);
	if (!restricted)
		x = list_all(&l);
	for (size_t i = 0; i < ids.n && x == 0; i++) {
		tasks = tasks || ids.id[i].run[0];
		x = list_one(&l, &ids.id[i]);
	}
	if (x < 0)
		prog_die_errno("%s", spool.path);
	finish(&v, opt.mode == MODE_MISSED ? VIEW_MISSED : tasks ?
	    VIEW_TASKS : VIEW_RUNS);
	return l.faults ? EXIT_BAD : EXIT_OK;
}

static enum exit_code
why(void)
{
	enum exit_code r = EXIT_OK;
	struct buf text = BUF_INIT, reason = BUF_INIT;
	struct view v;

	expand(false);
	put_notices(false);
	begin(&v);
	for (size_t i = 0; i < ids.n; i++) {
		buf_reset(&reason);
		buf_reset(&text);
		id_text(&text, &ids.id[i]);
		if (why_explain(&spool, &ids.id[i], &v, &reason) < 0)
			r = bad_id(buf_cstr(&text), &reason);
	}
	finish(&v, VIEW_WHYS);
	buf_free(&text);
	buf_free(&reason);
	return r;
}

static void
wait_ended(const struct id *id, bool bad, void *arg)
{
	struct buf b = BUF_INIT;

	id_text(&b, id);
	if (bad)
		*(enum exit_code *)arg = EXIT_BAD;
	if (bad && prog_verbose >= 0)
		prog_warn("%s: failed", buf_cstr(&b));
	else if (prog_verbose > 0)
		prog_warn("%s: ended", buf_cstr(&b));
	buf_free(&b);
}

static enum exit_code
show_logs(void)
{
	size_t before = ids.n;
	enum exit_code r, x;

	/* of a run those tasks are shown that have a log */
	opt.log.some = before > 0 && !ids.id[0].task[0];
	r = expand(true);
	opt.log.some = opt.log.some || ids.n > before;
	x = statlog(&spool, &ids, &opt.log);
	return r > x ? r : x;
}

static void
wait_begins(void *arg)
{
	(void)arg;
	if (prog_verbose >= 0 && !notice_served(&spool))
		prog_warn("waiting, though no dagexec serves %s", spool.path);
}

static enum exit_code
wait_all(void)
{
	enum exit_code r = EXIT_OK;
	struct buf text = BUF_INIT, reason = BUF_INIT;
	size_t at = 0;

	expand(false);
	if (await(&spool, &ids, &at, wait_begins, wait_ended, &r, &reason) < 0) {
		if (at < ids.n)
			id_text(&text, &ids.id[at]);
		if (reason.n == 0 && errno == ENOENT)
			buf_str(&reason, "it has gone");
		r = bad_id(buf_cstr(&text), &reason);
	}
	buf_free(&text);
	buf_free(&reason);
	return r;
}

static void
set_mode(enum mode mode)
{
	if (opt.mode != MODE_LIST && opt.mode != mode)
		prog_die(EXIT_USAGE, "one of --missed, --log, --wait and "
		    "--why, not two");
	opt.mode = mode;
}

static void
number(const char *option, const char *text, int64_t min, int64_t *value)
{
	if (num_parse(text, min, 1000000000, value) < 0)
		prog_die(EXIT_USAGE, "%s %s: a number is wanted", option,
		    text);
}

static void
option(int c)
{
	int64_t n;

	if (c >= OPT_STATE) {
		opt.states |= 1u << (c - OPT_STATE);
		return;
	}
	switch (c) {
	case 'a':
		opt.all = true;
		break;
	case 'f':
		opt.log.follow = true;
		break;
	case 'n':
		number("-n", optarg, 0, &n);
		opt.log.tail = true;
		opt.log.lines = (unsigned long)n;
		break;
	case 'q':
		prog_verbose = -1;
		break;
	case 'v':
		prog_verbose = 1;
		break;
	case OPT_JSON:
		opt.json = true;
		break;
	case OPT_MISSED:
		set_mode(MODE_MISSED);
		break;
	case OPT_LOG:
		set_mode(MODE_LOG);
		break;
	case OPT_WAIT:
		set_mode(MODE_WAIT);
		break;
	case OPT_WHY:
		set_mode(MODE_WHY);
		break;
	case OPT_ATTEMPT:
		number("--attempt", optarg, 1, &n);
		opt.log.attempt = (unsigned)n;
		break;
	case OPT_SPOOL:
		opt.spool = optarg;
		break;
	case OPT_HELP:
		prog_usage(usage, true);
	case OPT_VERSION:
		prog_version();
	default:
		prog_usage(usage, false);
	}
}

/* options that go with some modes only */
static void
check_options(void)
{
	if (opt.mode != MODE_LOG && (opt.log.follow || opt.log.tail ||
	    opt.log.attempt))
		prog_die(EXIT_USAGE, "-f, -n and --attempt go with --log");
	if (opt.mode != MODE_LIST && (opt.states || opt.all))
		prog_die(EXIT_USAGE, "states and -a go with a listing");
	if (opt.json && (opt.mode == MODE_LOG || opt.mode == MODE_WAIT))
		prog_die(EXIT_USAGE, "--json goes with a listing, --missed "
		    "or --why");
}

/* a spool that is not there yet is an empty one */
static enum exit_code
no_spool(bool restricted)
{
	char *path = spool_path(opt.spool);
	struct buf b = BUF_INIT;
	struct view v;

	if (restricted)
		prog_die(EXIT_BAD, "%s: %s", path ? path : "spool",
		    spool_reason(ENOENT));
	if (!opt.json && prog_verbose >= 0) {
		buf_str(&b, "# spool ");
		text_plain(&b, path ? path : "", path ? strlen(path) : 0);
		buf_str(&b, ", which is not there yet\n");
		if (opt.mode == MODE_LIST && !opt.states)
			notice_files(&b);
		put(&b);
	}
	begin(&v);
	finish(&v, opt.mode == MODE_MISSED ? VIEW_MISSED : opt.states ?
	    VIEW_TASKS : VIEW_RUNS);
	buf_free(&b);
	free(path);
	return EXIT_OK;
}

int
main(int argc, char **argv)
{
	enum exit_code r = EXIT_OK, x;
	bool restricted;
	int c;

	prog_start(argc, argv);
	while ((c = getopt_long(argc, argv, "afn:qv", options, NULL)) >= 0)
		option(c);
	check_options();
	restricted = optind < argc || (opt.mode != MODE_LIST &&
	    opt.mode != MODE_MISSED);
	if (spool_open(&spool, opt.spool, SPOOL_READ) < 0) {
		if (errno == ENOENT)
			return prog_end(no_spool(restricted));
		prog_spool_die(opt.spool);
	}
	if (restricted)
		r = prog_each(argc - optind, argv + optind, add_id, NULL);
	if (r != EXIT_OK && ids.n == 0)
		return prog_end(r);
	x = opt.mode == MODE_LOG ? show_logs() : opt.mode == MODE_WAIT ?
	    wait_all() : opt.mode == MODE_WHY ? why() : list(restricted);
	ids_free(&ids);
	spool_close(&spool);
	return prog_end(r > x ? r : x);
}
