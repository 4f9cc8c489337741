/* schedasset: the records of runs that assets make. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assetrule.h"
#include "assets.h"
#include "hist.h"
#include "io.h"
#include "runrec.h"
#include "schedasset.h"

enum {
	MOST = 10000,		/* runs of a DAG in one pass */
	REST = 1,		/* seconds until the next one then */
};

/* a DAG's way through the log */
struct way {
	struct sched_job *job;
	struct assetrule rule;
	int64_t from;		/* behind what its last run has used up */
	char last[RUN_LEN + 1];	/* that run, or "" */
	uint64_t updated;	/* since then */
	int64_t times[ASSETRULE_NAMES];
	char by[ASSETRULE_NAMES][NAME_LEN + RUN_LEN + TASK_LEN + 3];
	bool emit;		/* make runs of it; else only look */
};

/* the name of a run says how far it has used the log up */
static void
take_name(struct way *w, const char *name)
{
	const char *at = strstr(name, "-on-");
	int64_t n = at ? strtoll(at + 4, NULL, 10) : 0;

	if (n <= w->from || strlen(name) > RUN_LEN)
		return;
	w->from = n;
	snprintf(w->last, sizeof w->last, "%s", name);
}

static int
take_purged(const struct rec *r, void *arg)
{
	const char *slash = strchr(r->id, '/');

	if (slash && strcmp(r->kind, "purged") == 0)
		take_name(arg, slash + 1);
	return 0;
}

/* where the last run has come to; the history counts if there is more */
static int
find_place(struct way *w)
{
	struct spool *sp = w->job->sched->spool;
	const char *dag = w->job->dag.id;
	struct run_entry *list;
	int64_t size = assets_size(sp);
	size_t n;

	if (size < 0 || spool_runs(sp, dag, true, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		take_name(w, list[i].name);
	free(list);
	if (w->from < size && hist_each(sp, dag, take_purged, w) < 0)
		return -1;
	/* it is another log, which began anew */
	if (w->from > size)
		w->from = 0;
	return 0;
}

static void
put_run(struct way *w, int64_t t, int64_t end)
{
	char suffix[32], assets[] = "assets";
	struct sched_job *j = w->job;
	struct buf names = BUF_INIT;
	struct rec_field key = {assets, NULL};
	struct runrec r = {.cause = "asset", .key = &key, .nkey = 1};

	for (size_t i = 0; i < w->rule.n; i++)
		if (w->updated >> i & 1)
			buf_fmt(&names, "%s%s", names.n ? " " : "",
			    w->rule.name[i]);
	key.value = buf_cstr(&names);
	snprintf(suffix, sizeof suffix, "-on-%012lld", (long long)end);
	runrec_named(sched_output(j), j->dag.id, &j->slots, t, suffix, &r);
	buf_free(&names);
	j->sched->runs++;
}

/* one line of the log; what was before the schedule was seen is of no
 * account */
static int
take_event(const struct rec *r, int64_t end, void *arg)
{
	struct way *w = arg;
	struct sched *s = w->job->sched;
	const char *time = rec_get(r, "time"), *by = rec_get(r, "by");
	int i = assetrule_find(&w->rule, r->id, strlen(r->id));
	int64_t t;

	if (i < 0 || !time || instant_parse(time, &t, NULL) < 0 ||
	    t < w->job->known.since)
		return 0;
	w->updated |= UINT64_C(1) << i;
	w->times[i]++;
	snprintf(w->by[i], sizeof w->by[i], "%s", by ? by : "?");
	if (!w->emit || !assetrule_holds(&w->rule, w->updated))
		return 0;
	if (s->runs == MOST) {
		buf_fmt(&s->notes, "more than %d runs are due, these are the "
		    "first: the next call has more\n", MOST);
		s->wake = s->now + REST;
		return 1;
	}
	put_run(w, t, end);
	w->updated = 0;
	return 0;
}

/* has dagq written down since when it is known? */
static bool
seen(const struct sched_job *j)
{
	struct buf key = BUF_INIT;
	bool same;

	slots_key(&key, &j->dag);
	same = j->known.seen && j->known.key.n == key.n &&
	    memcmp(j->known.key.p, key.p, key.n) == 0;
	buf_free(&key);
	return same;
}

/* 0; 1 nothing can be said yet; 2 and why; -1 and errno */
static int
load(struct way *w, struct sched_job *j)
{
	struct spool *sp = j->sched->spool;

	*w = (struct way){.job = j};
	for (size_t i = 0; i < j->dag.nfield; i++)
		if (strcmp(j->dag.field[i].key, "schedule") == 0 &&
		    assetrule_parse(&w->rule, j->dag.field[i].value, j->why) <
		    0)
			return 2;
	if (sp && known_dag(&j->known, sp, j->dag.id) < 0)
		return -1;
	if (!sp || !seen(j))
		return 1;
	return find_place(w);
}

int
schedasset_due(struct sched_job *j)
{
	struct spool *sp = j->sched->spool;
	struct way w;
	int r = load(&w, j);

	if (r == 1)
		sched_output(j);
	if (r < 0 || r == 2)
		return r < 0 ? -1 : 1;
	if (sp)
		buf_str(&j->sched->watch, io_exists(sp->fd, "assets") == 1 ?
		    "assets\n" : ".\n");
	if (r == 1 || j->known.paused)
		return 0;
	w.emit = true;
	return assets_each(sp, w.from, take_event, &w) < 0 ? -1 : 0;
}

static void
say(const struct way *w, struct buf *out, bool holds, const char *what,
    const char *remedy)
{
	buf_fmt(out, "%s\t%s\t%s\t%s\n", w->job->dag.id, holds ? "yes" : "no",
	    what, holds ? "-" : remedy);
}

static void
say_assets(const struct way *w, struct buf *out)
{
	struct buf what = BUF_INIT;
	char remedy[NAME_LEN + 64];

	for (size_t i = 0; i < w->rule.n; i++) {
		buf_reset(&what);
		buf_fmt(&what, "%s was updated since %s", w->rule.name[i],
		    w->last[0] ? w->last : "the schedule was seen");
		if (w->times[i])
			buf_fmt(&what, ": %lld times, last by %s",
			    (long long)w->times[i], w->by[i]);
		snprintf(remedy, sizeof remedy, "a success of a task with "
		    "produces = %s", w->rule.name[i]);
		say(w, out, w->times[i] > 0, buf_cstr(&what), remedy);
	}
	say(w, out, assetrule_holds(&w->rule, w->updated), "its expression "
	    "holds, so that it is to have a run", "those that are missing "
	    "above");
	buf_free(&what);
}

int
schedasset_why(struct sched_job *j, struct buf *out)
{
	char remedy[NAME_LEN + 64];
	struct way w;
	int r = load(&w, j);

	if (r < 0 || r == 2)
		return r < 0 ? -1 : 1;
	if (j->sched->why) {
		buf_fmt(j->why, "%s: what comes by assets has no slots",
		    j->sched->why);
		return 1;
	}
	say(&w, out, true, "it has a schedule", "");
	snprintf(remedy, sizeof remedy, "dagq --resume %s", j->dag.id);
	say(&w, out, !j->known.paused, "it is not paused", remedy);
	snprintf(remedy, sizeof remedy, "dagsched %s | dagq", j->dag.id);
	say(&w, out, r == 0, "dagq has seen this schedule", remedy);
	if (r == 1)
		return 0;
	r = assets_each(j->sched->spool, w.from, take_event, &w);
	if (r == 0)
		say_assets(&w, out);
	return r;
}
