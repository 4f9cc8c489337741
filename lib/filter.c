/* filter: which runs and tasks are wanted. */
#include "filter.h"
#include "num.h"
#include "period.h"
#include "tz.h"

bool
filter_state(const struct filter *f, enum state s)
{
	return !f->states || (s >= 0 && (f->states & 1u << s));
}

static bool
in_time(const struct filter *f, const struct row *r)
{
	int64_t from = INT64_MIN, to = r->now;

	if (instant_parse(row_start(r), &from, NULL) < 0) {
		run_name_parse(r->run ? r->run->id->run : r->task->id->run,
		    &from, NULL, NULL);
		to = from;
	}
	if (row_end(r)[0])
		instant_parse(row_end(r), &to, NULL);
	return from <= f->until && to >= f->since;
}

bool
filter_row(const struct filter *f, const struct row *r)
{
	return (!f->timed || in_time(f, r)) &&
	    (!f->longer || row_elapsed(r) > (double)f->longer) &&
	    (!f->attempts || row_attempt(r) >= f->attempts);
}

int
filter_when(const char *text, bool last, int64_t *t, struct buf *why)
{
	int64_t ago, from, to;

	if (dur_parse(text, &ago) == 0) {
		*t = clock_seconds() - ago;
		return 0;
	}
	if (period_parse(tz_load(NULL), text, &from, &to, why) < 0)
		return -1;
	*t = last ? to : from;
	return 0;
}
