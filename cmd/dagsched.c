/*
 * dagsched: which runs are due. Reads DAG files, or records on stdin; the
 * clock; and of the spool what is decided already: the names in runs/ and
 * archive/, history/ and dags/. Locks nothing, and writes nothing but
 * records on stdout, for dagq(1).
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backfill.h"
#include "backfills.h"
#include "dagfile.h"
#include "dagpath.h"
#include "dagsched.h"
#include "fill.h"
#include "name.h"
#include "num.h"
#include "quiet.h"
#include "slots.h"
#include "show.h"
#include "source.h"
#include "spool.h"

enum { OPT_BACKFILL = OPT_OWN, OPT_RUN, OPT_PARAM, OPT_NEXT, OPT_CRON,
    OPT_TIMEZONE, OPT_DIALECT, OPT_FOLLOW, OPT_BACKFILLS, OPT_WHY,
    OPT_CALENDAR };

static const char usage[] =
    "dagsched [-qv] [--spool DIR] [DAG... | -]\n"
    "       dagsched --follow [-qv] [--spool DIR] [DAG...]\n"
    "       dagsched --backfill FROM..TO [--again WHICH] [--limit N]\n"
    "                [--name NAME] [--param K=V]... [--plan] [--reverse]\n"
    "                [--max-active N] [--between HH:MM-HH:MM] "
    "[--max-load L]\n"
    "                [--max-pressure P] [--stop-after N] DAG...\n"
    "       dagsched --backfills\n"
    "       dagsched --run [--param K=V]... DAG...\n"
    "       dagsched --next N DAG...\n"
    "       dagsched --calendar YEAR DAG...\n"
    "       dagsched --why DAG[/RUN]...\n"
    "       dagsched --next N --cron EXPR [--timezone TZ] "
    "[--dialect NAME]";

static struct {
	const char *spool, *mode;	/* mode: the option that set it */
	bool follow, backfills;
	struct rec_field *param;
} opt;

struct sched sched;

static void
write_out(struct buf *out)
{
	if (out->err)
		prog_die(EXIT_SYSTEM, "out of memory");
	if (out->n)
		fwrite(out->p, 1, out->n, stdout);
	fill_written(out);
	buf_reset(out);
}

void
dagsched_lines(const char *dag, struct buf *text)
{
	char *line, *save;

	for (line = strtok_r(buf_cstr(text), "\n", &save); line;
	    line = strtok_r(NULL, "\n", &save)) {
		if (dag)
			prog_warn("%s: %s", dag, line);
		else
			prog_warn("%s", line);
	}
	buf_reset(text);
}

enum exit_code
dagsched_dag(struct buf *text)
{
	enum exit_code code = EXIT_OK;
	struct buf why = BUF_INIT;
	struct rec dag = {0};

	if (rec_parse(&dag, text->p, strcspn(buf_cstr(text), "\n")) != REC_OK)
		prog_die_errno("a dag record");
	if (show.next || show.year) {
		code = show_dag(&dag);
		goto out;
	}
	switch (sched_dag(&sched, text, &why)) {
	case 0:
		break;
	case 1:
		code = EXIT_BAD;
		prog_warn("%s: %s", dag.id, buf_cstr(&why));
		break;
	default:
		code = EXIT_SYSTEM;
		prog_warn_errno("%s%s%s", dag.id, why.n ? ": " : "",
		    buf_cstr(&why));
	}
	write_out(&sched.out);
	if (code == EXIT_OK && sched.backfill.plan)
		fill_plan(&dag);
	if (prog_verbose < 0)
		buf_reset(&sched.notes);
	dagsched_lines(dag.id, &sched.notes);
	if (prog_verbose > 0)
		prog_warn("%s: %lld run records, %lld missed records", dag.id,
		    (long long)sched.runs, (long long)sched.missed);
out:
	rec_free(&dag);
	buf_free(&why);
	return code;
}

void
dagsched_errors(const struct buf *errs, bool told)
{
	struct buf message = BUF_INIT;
	size_t at = 0;

	if (!show.next)
		fwrite(errs->p, 1, errs->n, stdout);
	/* whoever wrote the records on stdin has said it already */
	while (!told && dagfile_error(errs, &at, &message) > 0)
		prog_warn("%s", buf_cstr(&message));
	buf_free(&message);
}

static enum exit_code
print_all(struct source *s)
{
	enum exit_code code = EXIT_OK, r;
	struct buf text = BUF_INIT, why = BUF_INIT;

	for (;;) {
		r = EXIT_BAD;
		switch (source_next(s, &text, &why)) {
		case SOURCE_END:
			buf_free(&text);
			buf_free(&why);
			return code;
		case SOURCE_DAG:
			r = dagsched_dag(&text);
			if (s->passes && r == EXIT_OK && sched.quiet)
				quiet_add(s->arg, s->path[s->at - 1],
				    &s->mark, sched.wake);
			break;
		case SOURCE_FAULTY:
			dagsched_errors(&text, s->records);
			break;
		case SOURCE_BAD:
			prog_warn("%s", buf_cstr(&why));
			break;
		case SOURCE_ERROR:
			prog_warn_errno("%s", buf_cstr(&why));
			r = EXIT_SYSTEM;
			break;
		}
		if (r > code)
			code = r;
	}
}

struct spool *
dagsched_spool(struct spool *sp)
{
	if (spool_open(sp, opt.spool, SPOOL_READ) == 0)
		return sp;
	if (errno == ENOENT)
		return NULL;
	prog_spool_die(opt.spool);
}

char *
dagsched_spool_path(void)
{
	return spool_path(opt.spool);
}

static bool
passes(const char *path, void *quiet)
{
	return quiet_is(quiet, path);
}

static enum exit_code
work(int argc, char **argv)
{
	struct source s = {.in = {.fd = 0}};
	struct buf why = BUF_INIT;
	enum exit_code code = EXIT_OK, r;
	struct spool spool;
	struct backfills backfills;
	struct quiet quiet;
	char **path = NULL;
	size_t n = 0, names = 0;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "-") == 0)
			s.records = true;
		else
			argv[names++] = argv[i];
	}
	if (names > 0 || !s.records) {
		if (dagpath_list(argv, names, &path, &n, &why) < 0)
			prog_die_errno("looking for DAG files");
		if (why.n)
			code = EXIT_BAD;
		dagsched_lines(NULL, &why);
		buf_free(&why);
	}
	s.path = path;
	s.n = n;
	sched.now = clock_seconds();
	if (!show.next && !show.year && sched.mode != SCHED_MANUAL)
		sched.spool = dagsched_spool(&spool);
	if (backfills_load(sched.spool, &backfills) < 0)
		prog_die_errno("backfills");
	sched.backfills = &backfills;
	fill_name(&backfills);
	/* who asks for all DAGs, time and again, is spared reading them */
	if (sched.spool && sched.mode == SCHED_DUE && argc == 0 &&
	    !show.year && prog_verbose <= 0 && !backfills_at_work(&backfills)) {
		quiet_open(&quiet, sched.spool, sched.now);
		sched.there = &quiet.there;
		s.passes = passes;
		s.arg = &quiet;
	}
	r = print_all(&s);
	if (s.passes)
		quiet_close(&quiet);
	backfills_free(&backfills);
	source_free(&s);
	dagpath_free(path, n);
	buf_free(&sched.out);
	buf_free(&sched.notes);
	buf_free(&sched.watch);
	if (sched.spool)
		spool_close(sched.spool);
	return r > code ? r : code;
}

/* each with its own RUN */
static enum exit_code
why(int argc, char **argv)
{
	enum exit_code code = EXIT_OK, r;
	char *slash, *end;

	for (int i = 0; i < argc; i++) {
		/* a RUN has no dot and no slash; a file has one of them */
		slash = strrchr(argv[i], '/');
		end = strrchr(argv[i], '.');
		sched.why = NULL;
		if (slash && slash > argv[i] && !(end && end > slash) &&
		    strchr(argv[i], '/') == slash) {
			*slash = '\0';
			sched.why = slash + 1;
		}
		r = work(1, argv + i);
		code = r > code ? r : code;
	}
	return code;
}

static void
add_param(char *arg)
{
	char *eq = strchr(arg, '=');
	struct rec_field *p;
	const char *fault;

	if (!eq)
		prog_die(EXIT_USAGE, "--param: \"%s\" is not K=V", arg);
	fault = name_fault(arg, (size_t)(eq - arg));
	if (fault)
		prog_die(EXIT_USAGE, "--param: \"%.*s\" is not a name: %s",
		    (int)(eq - arg), arg, fault);
	*eq = '\0';
	for (size_t i = 0; i < sched.nparam; i++)
		if (strcmp(opt.param[i].key, arg) == 0)
			prog_die(EXIT_USAGE, "--param: \"%s\" is given twice",
			    arg);
	p = realloc(opt.param, (sched.nparam + 1) * sizeof *p);
	if (!p)
		prog_die_errno("--param");
	opt.param = p;
	opt.param[sched.nparam++] = (struct rec_field){arg, eq + 1};
	sched.param = p;
}

static void
set_mode(const char *option, enum sched_mode mode)
{
	if (opt.mode)
		prog_die(EXIT_USAGE, "%s and %s do not go together", opt.mode,
		    option);
	opt.mode = option;
	sched.mode = mode;
}

static void
read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{"spool", required_argument, NULL, OPT_SPOOL},
		{"help", no_argument, NULL, OPT_HELP},
		{"version", no_argument, NULL, OPT_VERSION},
		{"backfill", required_argument, NULL, OPT_BACKFILL},
		{"run", no_argument, NULL, OPT_RUN},
		{"param", required_argument, NULL, OPT_PARAM},
		{"next", required_argument, NULL, OPT_NEXT},
		{"cron", required_argument, NULL, OPT_CRON},
		{"timezone", required_argument, NULL, OPT_TIMEZONE},
		{"dialect", required_argument, NULL, OPT_DIALECT},
		{"follow", no_argument, NULL, OPT_FOLLOW},
		{"backfills", no_argument, NULL, OPT_BACKFILLS},
		{"calendar", required_argument, NULL, OPT_CALENDAR},
		{"why", no_argument, NULL, OPT_WHY},
		{"name", required_argument, NULL, OPT_NAME},
		{"reverse", no_argument, NULL, OPT_REVERSE},
		{"again", required_argument, NULL, OPT_AGAIN},
		{"limit", required_argument, NULL, OPT_LIMIT},
		{"max-active", required_argument, NULL, OPT_MAX_ACTIVE},
		{"between", required_argument, NULL, OPT_BETWEEN},
		{"max-load", required_argument, NULL, OPT_MAX_LOAD},
		{"max-pressure", required_argument, NULL, OPT_MAX_PRESSURE},
		{"stop-after", required_argument, NULL, OPT_STOP_AFTER},
		{"plan", no_argument, NULL, OPT_PLAN},
		{"quiet", no_argument, NULL, 'q'},
		{"verbose", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "qv", options, NULL)) != -1) {
		switch (c) {
		case OPT_SPOOL: opt.spool = optarg; break;
		case OPT_HELP: prog_usage(usage, true);
		case OPT_VERSION: prog_version();
		case OPT_BACKFILL:
			set_mode("--backfill", SCHED_BACKFILL);
			sched.backfill.period = optarg;
			break;
		case OPT_RUN: set_mode("--run", SCHED_MANUAL); break;
		case OPT_PARAM: add_param(optarg); break;
		case OPT_NEXT:
			set_mode("--next", SCHED_DUE);
			if (num_parse(optarg, 1, 1000000, &show.next) < 0)
				prog_die(EXIT_USAGE, "--next: \"%s\" is not a "
				    "number from 1 to 1000000", optarg);
			break;
		case OPT_CRON: show.cron = optarg; break;
		case OPT_TIMEZONE: show.timezone = optarg; break;
		case OPT_FOLLOW:
			set_mode("--follow", SCHED_DUE);
			opt.follow = true;
			break;
		case OPT_DIALECT: show_dialect(optarg); break;
		case 'q': prog_verbose = -1; break;
		case 'v': prog_verbose = 1; break;
		case OPT_WHY: set_mode("--why", SCHED_WHY); break;
		case OPT_CALENDAR:
			set_mode("--calendar", SCHED_DUE);
			if (num_parse(optarg, 1970, 2199, &show.year) < 0)
				prog_die(EXIT_USAGE, "--calendar: \"%s\" is "
				    "not a year from 1970 to 2199", optarg);
			break;
		case OPT_BACKFILLS:
			set_mode("--backfills", SCHED_DUE);
			opt.backfills = true;
			break;
		default:
			if (c < OPT_FILL)
				prog_usage(usage, false);
			fill_option(c, optarg);
		}
	}
}

/* what is asked for, looked at before anything is read */
static void
check_options(int argc, char **argv)
{
	struct buf why = BUF_INIT;
	struct backfill b;
	struct slots s;

	if (show.cron && ((!show.next && !show.year) || argc > 0))
		prog_die(EXIT_USAGE, "--cron goes with --next, without DAGs");
	if (!show.cron && (show.timezone || show.dialect != CRON_CRONTAB))
		prog_die(EXIT_USAGE, "--timezone and --dialect go with --cron");
	for (int i = 0; opt.follow && i < argc; i++)
		if (strcmp(argv[i], "-") == 0)
			prog_die(EXIT_USAGE, "--follow reads files, not "
			    "records: \"-\" does not go with it");
	if (!show.cron && opt.mode && !opt.follow && !opt.backfills &&
	    argc == 0)
		prog_die(EXIT_USAGE, "the names of DAGs are missing");
	if (sched.param && sched.mode == SCHED_DUE)
		prog_die(EXIT_USAGE, "--param goes with --run or --backfill");
	if (opt.backfills && argc > 0)
		prog_die(EXIT_USAGE, "--backfills lists them all");
	fill_check(argv, argc);
	if (sched.mode != SCHED_BACKFILL)
		return;
	if (slots_init(&s, "UTC", &why) < 0 ||
	    backfill_bounds(&b, &s, sched.backfill.period, INT64_MAX, &why) < 0)
		prog_die(EXIT_USAGE, "--backfill: %s", buf_cstr(&why));
	slots_free(&s);
	buf_free(&why);
}

int
main(int argc, char **argv)
{
	enum exit_code code;

	prog_start(argc, argv);
	read_options(argc, argv);
	argc -= optind;
	argv += optind;
	check_options(argc, argv);
	sched.full = write_out;
	if (sched.mode == SCHED_BACKFILL)
		fill_begin();
	code = sched.mode == SCHED_WHY ? why(argc, argv) :
	    show.cron ? show_cron() : opt.follow ? follow(argc, argv) :
	    opt.backfills ? fill_list() : work(argc, argv);
	free(opt.param);
	return prog_end(code);
}
