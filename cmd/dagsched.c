/*
 * dagsched: which runs are due. Reads DAG files, or records on stdin; the
 * clock; and of the spool what is decided already: the names in runs/ and
 * archive/, history/ and dags/. Locks nothing and writes nothing but records
 * on stdout, for dagq(1).
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backfill.h"
#include "dagfile.h"
#include "dagpath.h"
#include "due.h"
#include "instant.h"
#include "known.h"
#include "name.h"
#include "num.h"
#include "prog.h"
#include "runrec.h"
#include "slots.h"
#include "source.h"
#include "spool.h"
#include "tz.h"

enum { DUE_MAX = 1000000, FLUSH = 1 << 16 };

enum { OPT_BACKFILL = OPT_OWN, OPT_RUN, OPT_PARAM, OPT_NEXT, OPT_CRON,
    OPT_TIMEZONE, OPT_DIALECT };

enum mode { DUE, BACKFILL, MANUAL, NEXT };

static const char usage[] =
    "dagsched [-qv] [--spool DIR] [DAG... | -]\n"
    "       dagsched --backfill FROM..TO [--param K=V]... DAG...\n"
    "       dagsched --run [--param K=V]... DAG...\n"
    "       dagsched --next N DAG...\n"
    "       dagsched --next N --cron EXPR [--timezone TZ] "
    "[--dialect NAME]";

static struct {
	enum mode mode;
	const char *spool, *backfill, *cron, *timezone;
	enum cron_dialect dialect;
	int64_t next;
	struct rec_field *param;
	size_t nparam;
} opt;

/* one definition, what follows from it, and the records that are to be out */
struct dag {
	const struct buf *text;
	struct rec rec;
	struct slots slots;
	struct known known;
	struct buf out, why;
	bool named;			/* its definition is in out */
};

static void
flush(struct buf *out)
{
	if (out->err)
		prog_die(EXIT_SYSTEM, "out of memory");
	fwrite(out->p, 1, out->n, stdout);
	buf_reset(out);
}

/* puts the definition before the first record of a DAG; room for one more */
static struct buf *
output(struct dag *d)
{
	if (!d->named)
		buf_add(&d->out, d->text->p, d->text->n);
	d->named = true;
	if (d->out.n >= FLUSH)
		flush(&d->out);
	return &d->out;
}

static enum exit_code
print_due(struct dag *d)
{
	int64_t runs = 0, missed = 0;
	struct due_item item;
	struct due due;

	if (due_begin(&due, &d->rec, &d->slots, &d->known, clock_seconds(),
	    &d->why) < 0) {
		prog_warn("%s: %s", d->rec.id, buf_cstr(&d->why));
		return EXIT_BAD;
	}
	if (d->known.paused)
		return EXIT_OK;
	if (due_unseen(&d->rec, &d->slots, &d->known))
		output(d);
	while (due_next(&due, &item)) {
		if (runs + missed == DUE_MAX) {
			prog_warn("%s: more than %d records are due: these "
			    "are the oldest, the next call has more",
			    d->rec.id, DUE_MAX);
			break;
		}
		if (item.kind == DUE_RUN) {
			runrec_slot(output(d), d->rec.id, &d->slots,
			    item.time, item.text, NULL, 0);
			runs++;
		} else {
			runrec_missed(output(d), d->rec.id, &d->slots, &item);
			missed++;
		}
	}
	if (prog_verbose > 0)
		prog_warn("%s: due: %lld runs, %lld records of missed slots",
		    d->rec.id, (long long)runs, (long long)missed);
	return EXIT_OK;
}

/* prints each line of notes as a message about a DAG, unless -q */
static void
print_notes(const struct dag *d, struct buf *notes)
{
	char *line, *save;

	for (line = strtok_r(buf_cstr(notes), "\n", &save); line;
	    line = strtok_r(NULL, "\n", &save))
		if (prog_verbose >= 0)
			prog_warn("%s: %s", d->rec.id, line);
}

static enum exit_code
backfill(struct dag *d, struct backfill *b)
{
	const char *id = d->rec.id;

	if (d->slots.n == 0) {
		prog_warn("%s: nothing to backfill: it has no schedule", id);
		return EXIT_BAD;
	}
	if (backfill_bounds(b, &d->slots, opt.backfill, clock_seconds(),
	    &d->why) < 0) {
		prog_warn("%s: --backfill: %s", id, buf_cstr(&d->why));
		return EXIT_BAD;
	}
	print_notes(d, &d->why);
	if (backfill_collect(b, &d->slots, &d->known) < 0) {
		if (errno != ERANGE)
			prog_die_errno("%s", id);
		prog_warn("%s: more than %d slots in %s have no run: ask for "
		    "less at once", id, BACKFILL_MAX, opt.backfill);
		return EXIT_BAD;
	}
	for (size_t i = 0; i < b->n; i++)
		runrec_slot(output(d), id, &d->slots, b->list[i], "backfill",
		    opt.param, opt.nparam);
	if (b->n > 0 || prog_verbose < 0)
		return EXIT_OK;
	if (b->slots > 0)
		prog_warn("%s: nothing to do: each slot in %s (%lld) has its "
		    "run", id, opt.backfill, (long long)b->slots);
	else
		prog_warn("%s: nothing to do: no slot is in %s", id,
		    opt.backfill);
	return EXIT_OK;
}

static enum exit_code
print_backfill(struct dag *d)
{
	struct backfill b = {0};
	enum exit_code code = backfill(d, &b);

	backfill_free(&b);
	return code;
}

static enum exit_code
print_next(const struct slots *s, const char *what)
{
	char text[INSTANT_LEN];
	int64_t t = clock_seconds(), i;

	for (i = 0; i < opt.next && slots_next(s, t, &t) == 0; i++) {
		instant_format(text, t, tz_offset(s->zone, t));
		puts(text);
	}
	if (i > 0)
		return EXIT_OK;
	prog_warn("%s: %s", what, s->n == 0 ? "it has no schedule" :
	    "it is never due again");
	return EXIT_BAD;
}

static enum exit_code
decide(struct dag *d, struct spool *sp)
{
	size_t line = strcspn(d->text->p, "\n");

	if (rec_parse(&d->rec, d->text->p, line) != REC_OK)
		prog_die_errno("a dag record");
	if (slots_make(&d->slots, &d->rec, &d->why) < 0) {
		prog_warn("%s: %s", d->rec.id, d->why.n ? buf_cstr(&d->why) :
		    strerror(errno));
		return EXIT_BAD;
	}
	if (known_load(&d->known, sp, d->rec.id) < 0)
		prog_die_errno("%s: %s", sp->path, d->rec.id);
	switch (opt.mode) {
	case DUE: return print_due(d);
	case BACKFILL: return print_backfill(d);
	case NEXT: return print_next(&d->slots, d->rec.id);
	case MANUAL: break;
	}
	runrec_manual(output(d), d->rec.id, &d->slots, clock_seconds(),
	    opt.param, opt.nparam);
	return EXIT_OK;
}

static enum exit_code
print_dag(struct buf *text, struct spool *sp)
{
	struct dag d = {.text = text};
	enum exit_code code;

	buf_cstr(text);
	code = decide(&d, sp);
	flush(&d.out);
	known_free(&d.known);
	slots_free(&d.slots);
	rec_free(&d.rec);
	buf_free(&d.out);
	buf_free(&d.why);
	return code;
}

/* the errors of a definition: on stdout as they are, on stderr for people */
static void
print_errors(const struct buf *errs, bool told)
{
	struct buf message = BUF_INIT;
	size_t at = 0;

	if (opt.mode != NEXT)
		fwrite(errs->p, 1, errs->n, stdout);
	/* whoever wrote the records on stdin has said it already */
	while (!told && dagfile_error(errs, &at, &message) > 0)
		prog_warn("%s", buf_cstr(&message));
	buf_free(&message);
}

static enum exit_code
print_all(struct source *s, struct spool *sp)
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
			r = print_dag(&text, sp);
			break;
		case SOURCE_FAULTY:
			print_errors(&text, s->records);
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

/* the instants of --cron */
static enum exit_code
print_cron(void)
{
	struct buf why = BUF_INIT;
	enum exit_code code = EXIT_BAD;
	struct slots s;

	if (slots_init(&s, opt.timezone, &why) < 0 ||
	    slots_add(&s, opt.dialect, opt.cron, &why) < 0)
		prog_warn("%s", why.n ? buf_cstr(&why) : strerror(errno));
	else
		code = print_next(&s, opt.cron);
	slots_free(&s);
	buf_free(&why);
	return code;
}

/* the spool, or NULL if there is none yet */
static struct spool *
open_spool(struct spool *sp)
{
	char *path;

	if (opt.mode != DUE && opt.mode != BACKFILL)
		return NULL;
	if (spool_open(sp, opt.spool, SPOOL_READ) == 0)
		return sp;
	if (errno == ENOENT)
		return NULL;
	path = spool_path(opt.spool);
	prog_die(errno == EPERM || errno == EREMOTE || errno == ENOTDIR ||
	    errno == EACCES ? EXIT_BAD : EXIT_SYSTEM, "%s: %s",
	    path ? path : "the spool", spool_reason(errno));
}

static enum exit_code
work(int argc, char **argv)
{
	struct source s = {.in = {.fd = 0}};
	struct buf why = BUF_INIT;
	struct spool spool, *sp;
	enum exit_code code = EXIT_OK, r;
	char **path = NULL, *line, *save;
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
		for (line = strtok_r(buf_cstr(&why), "\n", &save); line;
		    line = strtok_r(NULL, "\n", &save)) {
			prog_warn("%s", line);
			code = EXIT_BAD;
		}
		buf_free(&why);
	}
	s.path = path;
	s.n = n;
	sp = open_spool(&spool);
	r = print_all(&s, sp);
	source_free(&s);
	dagpath_free(path, n);
	if (sp)
		spool_close(sp);
	return r > code ? r : code;
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
	for (size_t i = 0; i < opt.nparam; i++)
		if (strcmp(opt.param[i].key, arg) == 0)
			prog_die(EXIT_USAGE, "--param: \"%s\" is given twice",
			    arg);
	p = realloc(opt.param, (opt.nparam + 1) * sizeof *p);
	if (!p)
		prog_die_errno("--param");
	opt.param = p;
	opt.param[opt.nparam++] = (struct rec_field){arg, eq + 1};
}

static void
set_mode(enum mode mode)
{
	if (opt.mode != DUE && opt.mode != mode)
		prog_die(EXIT_USAGE, "only one of --backfill, --run and --next "
		    "is possible");
	opt.mode = mode;
}

static void
set_dialect(const char *name)
{
	static const char *const dialects[] = {"crontab", "quartz", "oozie",
	    "cron4j"};

	for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
		if (strcmp(name, dialects[i]) == 0) {
			opt.dialect = (enum cron_dialect)i;
			return;
		}
	}
	prog_die(EXIT_USAGE, "--dialect: \"%s\" is not crontab, quartz, oozie "
	    "or cron4j", name);
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
			set_mode(BACKFILL);
			opt.backfill = optarg;
			break;
		case OPT_RUN: set_mode(MANUAL); break;
		case OPT_PARAM: add_param(optarg); break;
		case OPT_NEXT:
			set_mode(NEXT);
			if (num_parse(optarg, 1, 1000000, &opt.next) < 0)
				prog_die(EXIT_USAGE, "--next: \"%s\" is not a "
				    "number from 1 to 1000000", optarg);
			break;
		case OPT_CRON: opt.cron = optarg; break;
		case OPT_TIMEZONE: opt.timezone = optarg; break;
		case OPT_DIALECT: set_dialect(optarg); break;
		case 'q': prog_verbose = -1; break;
		case 'v': prog_verbose = 1; break;
		default: prog_usage(usage, false);
		}
	}
}

/* what is asked for, looked at before anything is read */
static void
check_options(int argc)
{
	struct buf why = BUF_INIT;
	struct backfill b;
	struct slots s;

	if (opt.cron && (opt.mode != NEXT || argc > 0))
		prog_die(EXIT_USAGE, "--cron goes with --next, without DAGs");
	if (!opt.cron && (opt.timezone || opt.dialect != CRON_CRONTAB))
		prog_die(EXIT_USAGE, "--timezone and --dialect go with --cron");
	if (!opt.cron && opt.mode != DUE && argc == 0)
		prog_die(EXIT_USAGE, "the names of DAGs are missing");
	if (opt.nparam && opt.mode != MANUAL && opt.mode != BACKFILL)
		prog_die(EXIT_USAGE, "--param goes with --run or --backfill");
	if (opt.mode != BACKFILL)
		return;
	if (slots_init(&s, "UTC", &why) < 0 ||
	    backfill_bounds(&b, &s, opt.backfill, INT64_MAX, &why) < 0)
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
	check_options(argc);
	code = opt.cron ? print_cron() : work(argc, argv);
	free(opt.param);
	return prog_end(code);
}
