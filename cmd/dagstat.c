/*
 * dagstat: shows runs and tasks, their logs, and what they wait for.
 *
 * Reads the spool, its history and its archive; IDs from arguments or stdin.
 * Writes nothing there, and takes no lock.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dagstat.h"
#include "num.h"

static const char usage[] =
	"dagstat [-aqv] [--json | --tsv | --count] [-o COL,...] "
	"[--sort [-]COL]\n"
	"               [--color WHEN] [--spool DIR] [--STATE ...] "
	"[--since WHEN]\n"
	"               [--until WHEN] [--longer-than TIME] [--attempts N] "
	"[ID ...]\n"
	"       dagstat --missed | --blocked | --late | --paused "
	"[--json | --count] [ID ...]\n"
	"       dagstat --usage [--json] [DAG ...]\n"
	"       dagstat --log [-f] [-n LINES] [--attempt N] [ID ...]\n"
	"       dagstat --wait | --values [ID ...]\n"
	"       dagstat --why | --history [--json] [ID ...]\n"
	"       dagstat --diff [--json] RUN RUN\n"
	"       dagstat --stats [--json] [DAG[/TASK] ...]\n"
	"       dagstat --metrics | --badge DAG\n"
	"       dagstat --grid [-v] [-n RUNS] DAG ...\n"
	"       dagstat --gantt [-v] RUN ...\n"
	"       dagstat --graph [-v] DAG | RUN ...\n"
	"       dagstat --watch [DAG ...]\n"
	"       dagstat --html DIR [-fv]\n"
	"--STATE: --waiting --held --ready --running --success --failed "
	"--skipped\n"
	"         --upstream-failed";

enum { OPT_JSON = OPT_OWN, OPT_TSV, OPT_COUNT, OPT_SORT, OPT_SINCE, OPT_UNTIL,
	OPT_LONGER, OPT_ATTEMPTS, OPT_ATTEMPT, OPT_COLOR, OPT_MODE,
	OPT_STATE = OPT_MODE + MODES };

static const struct option options[] = {
	{"all", no_argument, NULL, 'a'},
	{"attempt", required_argument, NULL, OPT_ATTEMPT},
	{"attempts", required_argument, NULL, OPT_ATTEMPTS},
	{"badge", no_argument, NULL, OPT_MODE + MODE_BADGE},
	{"blocked", no_argument, NULL, OPT_MODE + MODE_BLOCKED},
	{"color", required_argument, NULL, OPT_COLOR},
	{"columns", required_argument, NULL, 'o'},
	{"count", no_argument, NULL, OPT_COUNT},
	{"diff", no_argument, NULL, OPT_MODE + MODE_DIFF},
	{"failed", no_argument, NULL, OPT_STATE + STATE_FAILED},
	{"follow", no_argument, NULL, 'f'},
	{"gantt", no_argument, NULL, OPT_MODE + MODE_GANTT},
	{"graph", no_argument, NULL, OPT_MODE + MODE_GRAPH},
	{"grid", no_argument, NULL, OPT_MODE + MODE_GRID},
	{"held", no_argument, NULL, OPT_STATE + STATE_HELD},
	{"help", no_argument, NULL, OPT_HELP},
	{"history", no_argument, NULL, OPT_MODE + MODE_HISTORY},
	{"html", required_argument, NULL, OPT_MODE + MODE_HTML},
	{"json", no_argument, NULL, OPT_JSON},
	{"late", no_argument, NULL, OPT_MODE + MODE_LATE},
	{"lines", required_argument, NULL, 'n'},
	{"log", no_argument, NULL, OPT_MODE + MODE_LOG},
	{"longer-than", required_argument, NULL, OPT_LONGER},
	{"metrics", no_argument, NULL, OPT_MODE + MODE_METRICS},
	{"missed", no_argument, NULL, OPT_MODE + MODE_MISSED},
	{"paused", no_argument, NULL, OPT_MODE + MODE_PAUSED},
	{"quiet", no_argument, NULL, 'q'},
	{"ready", no_argument, NULL, OPT_STATE + STATE_READY},
	{"running", no_argument, NULL, OPT_STATE + STATE_RUNNING},
	{"since", required_argument, NULL, OPT_SINCE},
	{"skipped", no_argument, NULL, OPT_STATE + STATE_SKIPPED},
	{"sort", required_argument, NULL, OPT_SORT},
	{"spool", required_argument, NULL, OPT_SPOOL},
	{"stats", no_argument, NULL, OPT_MODE + MODE_STATS},
	{"success", no_argument, NULL, OPT_STATE + STATE_SUCCESS},
	{"tsv", no_argument, NULL, OPT_TSV},
	{"until", required_argument, NULL, OPT_UNTIL},
	{"upstream-failed", no_argument, NULL,
	    OPT_STATE + STATE_UPSTREAM_FAILED},
	{"usage", no_argument, NULL, OPT_MODE + MODE_USAGE},
	{"values", no_argument, NULL, OPT_MODE + MODE_VALUES},
	{"verbose", no_argument, NULL, 'v'},
	{"version", no_argument, NULL, OPT_VERSION},
	{"wait", no_argument, NULL, OPT_MODE + MODE_WAIT},
	{"waiting", no_argument, NULL, OPT_STATE + STATE_WAITING},
	{"watch", no_argument, NULL, OPT_MODE + MODE_WATCH},
	{"why", no_argument, NULL, OPT_MODE + MODE_WHY},
	{NULL, 0, NULL, 0},
};

struct dagstat dagstat = {.filter = {.since = INT64_MIN, .until = INT64_MAX}};

void
dagstat_put(const struct buf *b)
{
	if (b->err)
		prog_die(EXIT_SYSTEM, "%s", strerror(b->err));
	if (b->n)
		fwrite(b->p, 1, b->n, stdout);
}

static enum exit_code
show_logs(void)
{
	size_t before = dagstat.ids.n;
	enum exit_code r, x;

	/* of a run those tasks are shown that have a log */
	dagstat.log.some = before > 0 && !dagstat.ids.id[0].task[0];
	r = dagstat_expand(true);
	dagstat.log.some = dagstat.log.some || dagstat.ids.n > before;
	x = statlog(&dagstat.spool, &dagstat.ids, &dagstat.log);
	return r > x ? r : x;
}

/* what a mode does; list: it shows lines; all: it may be without IDs */
static const struct {
	const char *option;
	bool table, all;
	enum exit_code (*f)(void);
} modes[MODES] = {
	[MODE_LIST] = {"", true, true, statlist},
	[MODE_MISSED] = {"--missed", true, true, statlist},
	[MODE_BLOCKED] = {"--blocked", true, true, statask_blocked},
	[MODE_LATE] = {"--late", true, true, statask_late},
	[MODE_PAUSED] = {"--paused", true, true, statask_paused},
	[MODE_LOG] = {"--log", false, false, show_logs},
	[MODE_WAIT] = {"--wait", false, false, statwait},
	[MODE_WHY] = {"--why", true, false, statask_why},
	[MODE_HISTORY] = {"--history", true, false, statpast_history},
	[MODE_DIFF] = {"--diff", true, false, statpast_diff},
	[MODE_USAGE] = {"--usage", true, true, statusage},
	[MODE_VALUES] = {"--values", false, false, statvalues},
	[MODE_METRICS] = {"--metrics", false, true, statpaper_metrics},
	[MODE_STATS] = {"--stats", true, true, statstats},
	[MODE_HTML] = {"--html", false, true, stathtml},
	[MODE_BADGE] = {"--badge", false, false, statpaper_badge},
	[MODE_GRID] = {"--grid", false, false, statpic_grid},
	[MODE_GANTT] = {"--gantt", false, false, statpic_gantt},
	[MODE_GRAPH] = {"--graph", false, false, statpic_graph},
	[MODE_WATCH] = {"--watch", false, true, statwatch},
};

static void
set_mode(enum mode mode)
{
	if (dagstat.mode != MODE_LIST && dagstat.mode != mode)
		prog_die(EXIT_USAGE, "%s and %s: one at a time",
		    modes[dagstat.mode].option, modes[mode].option);
	dagstat.mode = mode;
}

static int64_t
number(const char *option, const char *text, int64_t min)
{
	int64_t n;

	if (num_parse(text, min, 1000000000, &n) < 0)
		prog_die(EXIT_USAGE, "%s %s: a number is wanted", option,
		    text);
	return n;
}

static int
column(const char *option, const char *text, size_t n)
{
	struct buf b = BUF_INIT;
	int c = row_find(text, n);

	if (c >= 0)
		return c;
	for (c = 0; c < ROW_COLS; c++)
		buf_fmt(&b, " %s", row_cols[c].name);
	prog_die(EXIT_USAGE, "%s %.*s: there is no such column; there are%s",
	    option, (int)n, text, buf_cstr(&b));
}

static void
columns(const char *text)
{
	struct view_style *s = &dagstat.style;
	size_t n;

	for (s->cols = 0;; text += n + 1) {
		n = strcspn(text, ",");
		if (s->cols == TABLE_COLS)
			prog_die(EXIT_USAGE, "-o: at most %d columns",
			    TABLE_COLS);
		s->col[s->cols++] = column("-o", text, n);
		if (!text[n])
			break;
	}
}

static void
sort(const char *text)
{
	struct view_style *s = &dagstat.style;

	s->sort = true;
	s->reverse = text[0] == '-';
	text += s->reverse;
	s->by = column("--sort", text, strlen(text));
}

static void
when(const char *option, const char *text, bool last, int64_t *t)
{
	struct buf why = BUF_INIT;

	dagstat.filter.timed = true;
	if (filter_when(text, last, t, &why) < 0)
		prog_die(EXIT_USAGE, "%s %s: %s; or a duration such as 2h, "
		    "so long ago", option, text, buf_cstr(&why));
}

static void
longer(const char *text)
{
	if (dur_parse(text, &dagstat.filter.longer) < 0)
		prog_die(EXIT_USAGE, "--longer-than %s: a duration such as "
		    "30s or 2h is wanted", text);
}

static void
option(int c)
{
	switch (c) {
	case 'a': dagstat.all = true; break;
	case 'f': dagstat.log.follow = true; break;
	case 'n':
		dagstat.log.tail = true;
		dagstat.log.lines = (unsigned long)number("-n", optarg, 0);
		break;
	case 'o': columns(optarg); break;
	case 'q': prog_verbose = -1; break;
	case 'v': prog_verbose = 1; break;
	case OPT_JSON: dagstat.style.json = true; break;
	case OPT_TSV: dagstat.style.tsv = true; break;
	case OPT_COUNT: dagstat.style.count = true; break;
	case OPT_SORT: sort(optarg); break;
	case OPT_SINCE:
		when("--since", optarg, false, &dagstat.filter.since);
		break;
	case OPT_UNTIL:
		when("--until", optarg, true, &dagstat.filter.until);
		break;
	case OPT_LONGER: longer(optarg); break;
	case OPT_ATTEMPTS:
		dagstat.filter.attempts =
		    (unsigned)number("--attempts", optarg, 1);
		break;
	case OPT_ATTEMPT:
		dagstat.log.attempt =
		    (unsigned)number("--attempt", optarg, 1);
		break;
	case OPT_COLOR:
		if (term_when(optarg, &dagstat.color) < 0)
			prog_die(EXIT_USAGE, "--color %s: auto, always or "
			    "never is wanted", optarg);
		break;
	case OPT_SPOOL: dagstat.dir = optarg; break;
	case OPT_HELP: prog_usage(usage, true);
	case OPT_VERSION: prog_version();
	default: prog_usage(usage, false);
	}
}

/* options that go with some modes only */
static void
check_options(void)
{
	const struct filter *f = &dagstat.filter;
	const struct view_style *s = &dagstat.style;
	const struct statlog *log = &dagstat.log;

	if (dagstat.mode != MODE_LOG && ((log->follow &&
	    dagstat.mode != MODE_HTML) || log->attempt ||
	    (log->tail && dagstat.mode != MODE_GRID)))
		prog_die(EXIT_USAGE, "-f, -n and --attempt go with --log");
	if (dagstat.mode != MODE_LIST && (dagstat.all || f->states ||
	    f->timed || f->longer || f->attempts || s->sort || s->tsv ||
	    s->cols))
		prog_die(EXIT_USAGE, "states, -a, -o, --tsv, --sort, --since, "
		    "--until, --longer-than and --attempts go with a listing");
	if ((s->json || s->count) && !modes[dagstat.mode].table)
		prog_die(EXIT_USAGE, "--json and --count do not go with %s",
		    modes[dagstat.mode].option);
	if (s->json + s->tsv + s->count > 1)
		prog_die(EXIT_USAGE, "one of --json, --tsv and --count, not "
		    "two");
	if (s->cols && (s->json || s->count))
		prog_die(EXIT_USAGE, "-o goes with a table or --tsv");
	dagstat.tasks = f->states || f->attempts;
}

int
main(int argc, char **argv)
{
	enum exit_code r = EXIT_OK, x;
	int c;

	prog_start(argc, argv);
	while ((c = getopt_long(argc, argv, "afn:o:qv", options, NULL)) >= 0)
		if (c >= OPT_STATE)
			dagstat.filter.states |= 1u << (c - OPT_STATE);
		else if (c >= OPT_MODE) {
			set_mode((enum mode)(c - OPT_MODE));
			dagstat.html = optarg ? optarg : dagstat.html;
		}
		else
			option(c);
	check_options();
	term_look(&dagstat.term, STDOUT_FILENO, dagstat.color);
	dagstat.style.term = &dagstat.term;
	dagstat.restricted = optind < argc || !modes[dagstat.mode].all;
	if (spool_open(&dagstat.spool, dagstat.dir, SPOOL_READ) < 0) {
		if (errno == ENOENT)
			return prog_end(statlist_no_spool());
		prog_spool_die(dagstat.dir);
	}
	if (dagstat.restricted)
		r = prog_each(argc - optind, argv + optind,
		    dagstat.mode == MODE_STATS ? statstats_add_id :
		    dagstat_add_id, NULL);
	if (r != EXIT_OK && dagstat.ids.n == 0)
		return prog_end(r);
	x = modes[dagstat.mode].f();
	ids_free(&dagstat.ids);
	spool_close(&dagstat.spool);
	return prog_end(r > x ? r : x);
}
