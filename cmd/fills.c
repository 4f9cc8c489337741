/* fills: the backfills of the spool, listed. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backfills.h"
#include "fill.h"
#include "io.h"
#include "pace.h"
#include "rec.h"

/* as a field more: since when it is so, by whom, and why, if that is known */
static struct buf *
put_doing(const struct backfills_part *p, struct buf *b)
{
	const char *at = rec_get(&p->rec, "at"), *user = rec_get(&p->rec,
	    "user"), *note = rec_get(&p->rec, "note");

	if (at)
		buf_fmt(b, "\tsince %s%s%s", at, user ? " by " : "",
		    user ? user : "");
	if (at && note) {
		buf_str(b, " (");
		rec_escape(b, note, strlen(note));
		buf_ch(b, ')');
	}
	return b;
}

/* has that run ended? */
static bool
has_ended(const char *dag, const struct run_entry *e)
{
	char path[FILE_LEN];
	bool ended = e->archived;

	for (enum run_state s = RUN_SUCCESS; s <= RUN_FAILED && !ended; s++) {
		snprintf(path, sizeof path, "%s/%s/@%s", dag, e->name,
		    run_state_name(s));
		ended = io_exists(sched.spool->runs, path) == 1;
	}
	return ended;
}

/* how many of a part's slots have runs, and of these how many have ended: by
 * the runs alone, without the DAG */
static size_t
count_runs(const struct backfills_part *p, size_t *ended)
{
	struct run_entry *list;
	size_t n = 0, runs = 0;

	if (spool_runs(sched.spool, p->dag, true, &list, &n) < 0)
		prog_die_errno("%s", p->dag);
	*ended = 0;
	for (size_t i = 0; i < n; i++) {
		if (list[i].manual || list[i].time < p->from ||
		    list[i].time > p->to)
			continue;
		runs++;
		*ended += p->once && has_ended(p->dag, &list[i]);
	}
	free(list);
	return runs;
}

/* what it is now: one that made its runs at once is over with the last */
static const char *
state_of(const struct backfills_part *p, size_t runs, size_t ended)
{
	int64_t failed = 0;

	if (p->state != BACKFILL_ACTIVE)
		return backfills_state_name(p->state);
	if (p->stop_after && (failed = pace_failed(sched.spool, p)) < 0)
		prog_die_errno("%s", p->dag);
	if (p->stop_after && failed >= p->stop_after)
		return "held";
	return backfills_state_name(p->once && runs > 0 && ended == runs ?
	    BACKFILL_DONE : BACKFILL_ACTIVE);
}

static void
list_part(const struct backfills_part *p)
{
	char from[INSTANT_LEN], to[INSTANT_LEN];
	struct buf doing = BUF_INIT;
	size_t ended, runs = count_runs(p, &ended);
	const char *state = state_of(p, runs, ended);

	instant_format(from, p->from, 0);
	instant_format(to, p->to, 0);
	printf("%s\t%s\t%s\t%s\t%s\t%zu of %lld%s\n", p->name, p->dag,
	    state, from, to, runs, (long long)p->slots,
	    buf_cstr(put_doing(p, &doing)));
	buf_free(&doing);
}

enum exit_code
fill_list(void)
{
	struct spool spool;
	struct backfills b;

	sched.spool = dagsched_spool(&spool);
	if (!sched.spool)
		return EXIT_OK;
	if (backfills_load(sched.spool, &b) < 0)
		prog_die_errno("%s", spool.path);
	for (size_t i = 0; i < b.n; i++)
		list_part(&b.part[i]);
	backfills_free(&b);
	spool_close(sched.spool);
	return EXIT_OK;
}
