/* fill: the options of dagsched that are about backfills. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admit.h"
#include "backfill.h"
#include "backfills.h"
#include "fill.h"
#include "name.h"
#include "num.h"
#include "past.h"
#include "progress.h"
#include "rec.h"

enum { KEYS = 8, LATEST = 100 };

static struct rec_field key[KEYS];
static char name[NAME_LEN + 1];	/* one that was made up */

static const char *const names[] = {"name", "reverse", "again", "limit",
    "max-active", "between", "max-load", "max-pressure", "stop-after",
    "plan"};

static void __attribute__((noreturn))
refuse(int c, const char *value, const char *want)
{
	prog_die(EXIT_USAGE, "--%s: \"%s\" is not %s", names[c - OPT_FILL],
	    value, want);
}

static void
add_key(int c, char *value)
{
	struct sched_backfill *b = &sched.backfill;

	for (size_t i = 0; i < b->nkey; i++)
		if (strcmp(key[i].key, names[c - OPT_FILL]) == 0) {
			key[i].value = value;
			return;
		}
	key[b->nkey++] = (struct rec_field){(char *)names[c - OPT_FILL],
	    value};
	b->key = key;
	b->paced = true;
}

static void
set_again(const char *value)
{
	int again = backfills_again(value);

	if (again < 0)
		refuse(OPT_AGAIN, value, "none, failed or all");
	sched.backfill.again = (enum backfills_again)again;
}

void
fill_option(int c, char *value)
{
	struct sched_backfill *b = &sched.backfill;
	int64_t n;
	double limit;
	int begin, end;

	switch (c) {
	case OPT_NAME:
		if (!name_ok(value, strlen(value)))
			refuse(c, value, name_fault(value, strlen(value)));
		b->name = value;
		break;
	case OPT_REVERSE: b->reverse = b->paced = true; break;
	case OPT_AGAIN: set_again(value); break;
	case OPT_PLAN: b->plan = true; break;
	case OPT_LIMIT:
		if (num_parse(value, 1, BACKFILL_MAX, &b->limit) < 0)
			refuse(c, value, "a number from 1 to 1000000");
		break;
	case OPT_MAX_ACTIVE:
	case OPT_STOP_AFTER:
		if (num_parse(value, 1, 10000, &n) < 0)
			refuse(c, value, "a number from 1 to 10000");
		add_key(c, value);
		break;
	case OPT_BETWEEN:
		if (between_parse(value, &begin, &end) < 0)
			refuse(c, value, "two times of day, such as "
			    "22:00-06:00");
		add_key(c, value);
		break;
	default:
		if (limit_parse(value, &limit) < 0)
			refuse(c, value, "a number such as 1.5");
		add_key(c, value);
	}
}

void
fill_check(char **dags, int n)
{
	struct sched_backfill *b = &sched.backfill;
	struct civil c;

	if (sched.mode != SCHED_BACKFILL) {
		if (b->paced || b->name || b->again || b->limit || b->plan)
			prog_die(EXIT_USAGE, "--name, --reverse, --again, "
			    "--limit, --max-active, --between, --max-load, "
			    "--max-pressure, --stop-after and --plan go with "
			    "--backfill");
		return;
	}
	if (b->name)
		return;
	civil_from_seconds(&c, clock_seconds());
	snprintf(name, sizeof name, "%.*s-%04d%02d%02dT%02d%02d%02d",
	    n == 1 ? 40 : 0, dags[0], c.year % 10000, c.mon, c.day, c.hour,
	    c.min, c.sec);
	if (!name_ok(name, strlen(name)))
		snprintf(name, sizeof name, "b-%04d%02d%02dT%02d%02d%02d",
		    c.year % 10000, c.mon, c.day, c.hour, c.min, c.sec);
	b->name = name;
}

void
fill_name(const struct backfills *all)
{
	const char *asked = sched.backfill.name;

	if (!asked)
		return;
	if (asked != name && backfills_has(all, asked))
		prog_die(EXIT_BAD, "%s: there is a backfill of this name: "
		    "dagsched --backfills", asked);
	/* one that was made up gets a number behind it */
	for (unsigned n = 2, end = (unsigned)strlen(name); asked == name &&
	    backfills_has(all, name) && n < 100000; n++)
		snprintf(name + end, sizeof name - end, "-%u", n);
}

/* how long a run took, on average of the latest; -1: there was none */
static double
past_seconds(const char *dag, int *of)
{
	struct past past;
	int64_t begin, end, sum = 0;

	*of = 0;
	if (!sched.spool || past_load(sched.spool, dag, &past) < 0)
		return -1;
	for (size_t i = past.n; i > 0 && *of < LATEST; i--) {
		if (past.run[i - 1].state != RUN_SUCCESS ||
		    instant_parse(past.run[i - 1].start, &begin, NULL) < 0 ||
		    instant_parse(past.run[i - 1].end, &end, NULL) < 0)
			continue;
		sum += end > begin ? end - begin : 0;
		(*of)++;
	}
	past_free(&past);
	return *of ? (double)sum / *of : -1;
}

/* how long it takes from its first hour on, if only some of a day count */
static int64_t
by_day(int64_t seconds)
{
	int64_t window = 86400;
	int begin, end;

	for (size_t i = 0; i < sched.backfill.nkey; i++)
		if (strcmp(key[i].key, "between") == 0 &&
		    between_parse(key[i].value, &begin, &end) == 0)
			window = (end - begin + 1440) % 1440 * INT64_C(60);
	return seconds / window * 86400 + seconds % window;
}

void
fill_plan(const struct rec *dag)
{
	const char *max = rec_get(dag, "max-active-runs"), *tasks;
	int64_t active = ACTIVE_RUNS, own;
	struct buf time = BUF_INIT;
	double each;
	int of;

	tasks = rec_get(dag, "tasks");
	if (max && num_parse(max, 1, 10000, &active) < 0)
		active = ACTIVE_RUNS;
	if (sched.backfill.paced && active > 1)
		active--;
	for (size_t i = 0; i < sched.backfill.nkey; i++)
		if (strcmp(key[i].key, "max-active") == 0 &&
		    num_parse(key[i].value, 1, 10000, &own) == 0 &&
		    own < active)
			active = own;
	if (sched.runs > 0 && sched.runs < active)
		active = sched.runs;
	each = past_seconds(dag->id, &of);
	printf("%s\t%lld runs\t%lld tasks", dag->id, (long long)sched.runs,
	    (long long)sched.runs * strtoll(tasks ? tasks : "0", NULL, 10));
	if (each < 0) {
		puts("\tnobody knows how long: none has succeeded yet");
		return;
	}
	dur_format(&time, by_day((int64_t)(each * (double)((sched.runs +
	    active - 1) / active) + 0.999)));
	printf("\tabout %s, %lld at a time, as its last %d took\n",
	    buf_cstr(&time), (long long)active, of);
	buf_free(&time);
}

static uint64_t written;	/* records of runs */

/* how many more there will be, of the DAGs seen so far */
static uint64_t
left(void)
{
	uint64_t all = (uint64_t)sched.asked;

	return all > written ? all - written : 0;
}

void
fill_begin(void)
{
	progress_begin("runs", 0, left);
}

/* whoever reads them makes the runs: how far we are is how far that is, but
 * for what a pipe holds */
void
fill_written(const struct buf *out)
{
	const char *p = out->p, *end = p + out->n;
	uint64_t before = written;

	while (out->n && p && p < end) {
		written += end - p > 4 && memcmp(p, "run\t", 4) == 0;
		p = memchr(p, '\n', (size_t)(end - p));
		p += p != NULL;
	}
	progress_add(written - before);
}
