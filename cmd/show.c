/* show: when slots are: dagsched --next, dagsched --calendar. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "instant.h"
#include "prog.h"
#include "show.h"
#include "slots.h"
#include "tz.h"

struct show show;

static enum exit_code
print_next(const struct slots *s, const char *what)
{
	char text[INSTANT_LEN];
	int64_t t = clock_seconds(), i;

	for (i = 0; i < show.next && slots_next(s, t, &t) == 0; i++) {
		if (slots_beyond(s, t)) {
			prog_warn("%s: more is beyond the last date of its "
			    "calendar", what);
			return i > 0 ? EXIT_OK : EXIT_BAD;
		}
		instant_format(text, t, tz_offset(s->zone, t));
		puts(text);
	}
	if (i > 0)
		return EXIT_OK;
	prog_warn("%s: %s", what, s->n == 0 ? "it has no schedule" :
	    s->once ? "it is due once, when dagq first sees it" :
	    "it is never due again");
	return EXIT_BAD;
}

/* how many slots each day of a year has; in all */
static int64_t
count_days(const struct slots *s, int64_t day[366])
{
	int64_t first = civil_days((int)show.year, 1, 1), t[2], at, n = 0;
	int64_t days = civil_days((int)show.year + 1, 1, 1) - first;
	struct civil c;

	civil_from_seconds(&c, first * 86400);
	tz_instants(s->zone, &c, t);
	for (t[0]--; slots_next(s, t[0], t) == 0 && !slots_beyond(s, t[0]);) {
		at = t[0] + tz_offset(s->zone, t[0]);
		at = at / 86400 - (at % 86400 < 0) - first;
		if (at >= days)
			break;
		if (at < 0)
			continue;
		day[at]++;
		n++;
	}
	return n;
}

/* a year at a glance: a line a month, a sign a day, under days of the week */
static enum exit_code
print_year(const struct slots *s, const char *what)
{
	static const char *const mon[] = {"Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int64_t day[366] = {0}, n = count_days(s, day), at = 0;
	int64_t first = civil_days((int)show.year, 1, 1);
	int days = 0;

	for (int i = 0; i < 366; i++)
		days += day[i] > 0;
	printf("# %s: %lld slots on %d days of %lld\n   ", what, (long long)n,
	    days, (long long)show.year);
	for (int i = 0; i < 37; i++)
		printf(" %c", "MTWTFSS"[i % 7]);
	putchar('\n');
	for (int m = 1; m <= 12; m++) {
		printf("%s%*s", mon[m - 1],
		    2 * ((weekday(first + at) + 6) % 7), "");
		for (int d = days_in_month((int)show.year, m); d > 0; d--) {
			printf(" %c", day[at] > 9 ? '+' :
			    day[at] ? (char)('0' + day[at]) : '.');
			at++;
		}
		putchar('\n');
	}
	return EXIT_OK;
}

static enum exit_code
print(const struct slots *s, const char *what)
{
	return show.year ? print_year(s, what) : print_next(s, what);
}

enum exit_code
show_dag(const struct rec *dag)
{
	struct buf why = BUF_INIT;
	enum exit_code code = EXIT_BAD;
	struct slots s;

	if (slots_make(&s, dag, &why) == 0)
		code = print(&s, dag->id);
	else
		prog_warn("%s: %s", dag->id, why.n ? buf_cstr(&why) :
		    strerror(errno));
	slots_free(&s);
	buf_free(&why);
	return code;
}

enum exit_code
show_cron(void)
{
	struct buf why = BUF_INIT;
	enum exit_code code = EXIT_BAD;
	struct slots s;

	if (slots_init(&s, show.timezone, &why) < 0 ||
	    slots_add(&s, show.dialect, show.cron, &why) < 0)
		prog_warn("%s", why.n ? buf_cstr(&why) : strerror(errno));
	else
		code = print(&s, show.cron);
	slots_free(&s);
	buf_free(&why);
	return code;
}

void
show_dialect(const char *name)
{
	static const char *const dialects[] = {"crontab", "quartz", "oozie",
	    "cron4j"};

	for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
		if (strcmp(name, dialects[i]) == 0) {
			show.dialect = (enum cron_dialect)i;
			return;
		}
	}
	prog_die(EXIT_USAGE, "--dialect: \"%s\" is not crontab, quartz, oozie "
	    "or cron4j", name);
}
