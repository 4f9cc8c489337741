/* schedfill: the records of backfills, all at once or as they may go on. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"
#include "backfill.h"
#include "due.h"
#include "num.h"
#include "pace.h"
#include "runrec.h"
#include "schedfill.h"
#include "tz.h"

enum { KEYS = 16 };

static void
put_run(struct sched_job *j, int64_t t, const struct rec_field *key,
    size_t nkey, const struct rec_field *param, size_t nparam)
{
	runrec_slot(sched_output(j), j->dag.id, &j->slots, t, t,
	    &(struct runrec){.cause = "backfill", .key = key, .nkey = nkey,
	    .param = param, .nparam = nparam});
	j->sched->runs++;
}

/* the limits of a part as keys of its runs, and its params; how many */
static size_t
take_keys(const struct backfills_part *p, struct rec_field key[KEYS],
    struct rec_field *param, size_t *nparam)
{
	static char name[] = "backfill";
	static const char *const limits[] = {"max-active", "between",
	    "max-load", "max-pressure", "stop-after", "reverse"};
	struct rec_field *f;
	size_t n = 0;

	*nparam = 0;
	key[n++] = (struct rec_field){name, (char *)p->name};
	for (size_t i = 0; i < p->rec.nfield; i++) {
		f = &p->rec.field[i];
		if (strncmp(f->key, "param.", 6) == 0)
			param[(*nparam)++] = (struct rec_field){f->key + 6,
			    f->value};
		for (size_t k = 0; k < sizeof limits / sizeof *limits &&
		    n < KEYS; k++)
			if (strcmp(f->key, limits[k]) == 0)
				key[n++] = *f;
	}
	return n;
}

/* what is known of the runs there are, for those that are to run again */
struct again {
	int64_t *failed;
	size_t nfailed;
	const struct run_entry *live;
	size_t nlive;
};

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static bool
has_failed(const struct again *a, int64_t t)
{
	return a->nfailed && bsearch(&t, a->failed, a->nfailed, sizeof t,
	    compare);
}

static bool
is_live(const struct again *a, int64_t t)
{
	for (size_t i = 0; i < a->nlive; i++)
		if (a->live[i].time == t)
			return true;
	return false;
}

/* the next slot of a part that wants a run; false: there are no more */
static bool
next_slot(const struct sched_job *j, const struct backfills_part *p,
    const struct again *a, int64_t *t)
{
	for (;;) {
		if (p->reverse) {
			if (slots_prev(&j->slots, *t, t) < 0 || *t < p->from)
				return false;
		} else if (slots_next(&j->slots, *t, t) < 0 || *t > p->to) {
			return false;
		}
		if (slots_beyond(&j->slots, *t))
			continue;
		if (!known_run(&j->known, *t) ||
		    (p->again == AGAIN_FAILED && has_failed(a, *t)) ||
		    (p->again == AGAIN_ALL && !is_live(a, *t)))
			return true;
	}
}

/* the record that tells how far a part is */
static void
put_going(struct sched_job *j, const struct backfills_part *p,
    const int64_t *reached)
{
	struct buf *out = sched_output(j);
	char text[INSTANT_LEN];

	rec_begin(out, "backfill", p->rec.id);
	instant_format(text, p->from, 0);
	rec_put(out, "from", text);
	instant_format(text, p->to, 0);
	rec_put(out, "to", text);
	if (reached) {
		instant_format(text, *reached,
		    tz_offset(j->slots.zone, *reached));
		rec_put(out, "reached", text);
	}
	rec_put(out, "state", backfills_state_name(reached ? BACKFILL_ACTIVE :
	    BACKFILL_DONE));
	rec_end(out);
}

/* makes the runs of a part that may be made now, from slot t on */
static int
make(struct sched_job *j, const struct backfills_part *p,
    const struct again *a, int64_t t, int64_t room)
{
	static char again[] = "again", all[] = "all", failed[] = "failed";
	struct rec_field key[KEYS], *param;
	size_t nkey, nparam;
	int64_t last = t;

	param = calloc(p->rec.nfield + 1, sizeof *param);
	if (!param)
		return -1;
	nkey = take_keys(p, key, param, &nparam);
	key[nkey] = (struct rec_field){again, p->again == AGAIN_ALL ? all :
	    failed};
	for (bool more = true; more && room > 0; room--) {
		put_run(j, t, key, nkey + known_run(&j->known, t), param,
		    nparam);
		last = t;
		more = next_slot(j, p, a, &t);
	}
	free(param);
	if (p->again != AGAIN_NONE)
		put_going(j, p, &last);
	return 0;
}

/* is one of the runs between its bounds under way? */
static bool
under_way(const struct backfills_part *p, const struct pace *pace)
{
	for (size_t i = 0; i < pace->nlive; i++)
		if (pace->live[i].time >= p->from &&
		    pace->live[i].time <= p->to)
			return true;
	return false;
}

static int
go_on(struct sched_job *j, const struct backfills_part *p, struct pace *pace)
{
	struct again a = {.live = pace->live, .nlive = pace->nlive};
	int64_t t = p->begun ? p->reached :
	    p->reverse ? p->to + 1 : p->from - 1;
	int64_t room = 0, wake = INT64_MAX, before = j->sched->runs;
	const char *why;
	int r = 0;

	if (p->state != BACKFILL_ACTIVE || p->once)
		return 0;
	if (p->again == AGAIN_FAILED && again_failed(j->sched->spool,
	    j->dag.id, &a.failed, &a.nfailed) < 0)
		return -1;
	if (next_slot(j, p, &a, &t)) {
		room = pace_room(pace, p, &why, &wake);
		r = room > 0 ? make(j, p, &a, t, room) : (int)room;
	} else if (!under_way(p, pace)) {
		put_going(j, p, NULL);
	}
	free(a.failed);
	if (r < 0)
		return -1;
	pace->due += j->sched->runs - before;
	/* what it has just made is not live yet: its end is waited for when
	 * it is seen */
	sched_watch(j, pace->live, pace->nlive);
	if (room > 0 && pace->nlive == 0)
		wake = j->sched->now + 1;
	if (wake < j->sched->wake)
		j->sched->wake = wake;
	return 0;
}

bool
schedfill_has(const struct sched_job *j)
{
	const struct backfills *b = j->sched->backfills;

	for (size_t i = 0; b && i < b->n; i++)
		if (strcmp(b->part[i].dag, j->dag.id) == 0 &&
		    b->part[i].state == BACKFILL_ACTIVE && !b->part[i].once)
			return true;
	return false;
}

int
schedfill_paced(struct sched_job *j, int64_t runs,
    const struct run_entry *live, size_t n)
{
	const struct backfills *b = j->sched->backfills;
	struct pace pace = {.spool = j->sched->spool, .zone = j->slots.zone,
	    .now = j->sched->now, .runs = runs, .live = live, .nlive = n,
	    .due = j->sched->runs};

	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->part[i].dag, j->dag.id) == 0 &&
		    go_on(j, &b->part[i], &pace) < 0)
			return -1;
	return 0;
}

/* from its first slot to its last */
static int64_t
count_slots(const struct sched_job *j, const struct backfill *b)
{
	int64_t n = 1;

	for (int64_t t = b->list[0]; t < b->list[b->n - 1] &&
	    slots_next(&j->slots, t, &t) == 0;)
		n += !slots_beyond(&j->slots, t);
	return n;
}

/* the record of a new backfill, from its first slot to its last */
static void
put_part(struct sched_job *j, const struct backfill *b, struct buf *out)
{
	const struct sched_backfill *ask = &j->sched->backfill;
	struct buf id = BUF_INIT;
	char text[INSTANT_LEN];

	buf_fmt(&id, "%s/%s", ask->name, j->dag.id);
	rec_begin(out, "backfill", buf_cstr(&id));
	instant_format(text, b->list[0], tz_offset(j->slots.zone, b->list[0]));
	rec_put(out, "from", text);
	instant_format(text, b->list[b->n - 1],
	    tz_offset(j->slots.zone, b->list[b->n - 1]));
	rec_put(out, "to", text);
	rec_putf(out, "slots", "%lld", (long long)count_slots(j, b));
	instant_format(text, j->sched->now, 0);
	rec_put(out, "created", text);
	if (!ask->paced)
		rec_put(out, "at-once", "yes");
	if (ask->again != AGAIN_NONE)
		rec_put(out, "again", ask->again == AGAIN_ALL ? "all" :
		    "failed");
	if (ask->reverse)
		rec_put(out, "reverse", "yes");
	for (size_t i = 0; i < ask->nkey; i++)
		rec_put(out, ask->key[i].key, ask->key[i].value);
	for (size_t i = 0; i < j->sched->nparam; i++) {
		buf_reset(&id);
		buf_fmt(&id, "param.%s", j->sched->param[i].key);
		rec_put(out, buf_cstr(&id), j->sched->param[i].value);
	}
	rec_end(out);
	buf_free(&id);
}

/* begins one that takes its time */
static int
begin_paced(struct sched_job *j, const struct backfill *b)
{
	struct due_policy policy;
	struct backfills_part part;
	struct buf line = BUF_INIT;
	struct run_entry *live = NULL;
	struct rec rec = {0};
	size_t n;
	int r = -1;

	if (due_policy(&policy, &j->dag, j->why) < 0)
		return 1;
	put_part(j, b, &line);
	if (rec_parse(&rec, line.p, line.n - 1) == REC_OK &&
	    backfills_parse(&part, &rec, j->why) == 0 &&
	    known_live(j->sched->spool, j->dag.id, &live, &n) == 0) {
		struct pace pace = {.spool = j->sched->spool,
		    .zone = j->slots.zone, .now = j->sched->now,
		    .runs = policy.runs, .live = live, .nlive = n};

		buf_add(sched_output(j), line.p, line.n);
		r = go_on(j, &part, &pace);
		backfills_part_free(&part);
	}
	free(live);
	rec_free(&rec);
	buf_free(&line);
	return r;
}

/* begins one that makes all of its runs */
static void
begin_all(struct sched_job *j, const struct backfill *b, const int64_t *failed,
    size_t nfailed)
{
	static char again[] = "again", all[] = "all", some[] = "failed";
	static char name[] = "backfill";
	const struct sched_backfill *ask = &j->sched->backfill;
	const struct again a = {.failed = (int64_t *)failed,
	    .nfailed = nfailed};
	struct rec_field key[] = {{name, (char *)ask->name},
	    {again, ask->again == AGAIN_ALL ? all : some}};
	int64_t t;

	if (b->n > 0)
		put_part(j, b, sched_output(j));
	for (size_t i = 0; i < b->n; i++) {
		t = b->list[ask->reverse ? b->n - 1 - i : i];
		put_run(j, t, key, 1 + (known_run(&j->known, t) &&
		    (ask->again == AGAIN_ALL || has_failed(&a, t))),
		    j->sched->param, j->sched->nparam);
	}
}

static void
put_notes(struct sched_job *j, const struct backfill *b)
{
	struct buf *notes = &j->sched->notes;
	const char *period = j->sched->backfill.period;

	if (b->beyond)
		buf_fmt(notes, "%lld slots are beyond the last date of its "
		    "calendar\n", (long long)b->beyond);
	if (b->slots == 0)
		buf_fmt(notes, "nothing to do: no slot is in %s\n", period);
	else if (b->n == 0)
		buf_fmt(notes, "nothing to do: all slots in %s (%lld) have "
		    "their runs\n", period, (long long)b->slots);
}

static int
collect(struct sched_job *j, struct backfill *b, int64_t **failed,
    size_t *nfailed)
{
	const struct sched_backfill *ask = &j->sched->backfill;

	if (j->slots.n == 0) {
		buf_str(j->why, "it has no schedule, so no slots to backfill");
		return 1;
	}
	if (backfill_bounds(b, &j->slots, ask->period, j->sched->now,
	    j->why) < 0)
		return 1;
	buf_add(&j->sched->notes, j->why->p, j->why->n);
	buf_reset(j->why);
	if (ask->again == AGAIN_FAILED && again_failed(j->sched->spool,
	    j->dag.id, failed, nfailed) < 0)
		return -1;
	b->all = ask->again == AGAIN_ALL;
	b->failed = *failed;
	b->nfailed = *nfailed;
	if (backfill_collect(b, &j->slots, &j->known) == 0) {
		backfill_limit(b, ask->limit, ask->reverse);
		return 0;
	}
	if (errno != ERANGE)
		return -1;
	buf_fmt(j->why, "more than %d slots in %s have no run: ask for less "
	    "at once", BACKFILL_MAX, ask->period);
	return 1;
}

int
schedfill_all(struct sched_job *j)
{
	int64_t *failed = NULL;
	size_t nfailed = 0;
	struct backfill b = {0};
	int r = collect(j, &b, &failed, &nfailed);

	if (r == 0) {
		put_notes(j, &b);
		j->sched->asked += (int64_t)b.n;
		if (j->sched->backfill.plan)
			j->sched->runs = (int64_t)b.n;
		else if (j->sched->backfill.paced && b.n > 0)
			r = begin_paced(j, &b);
		else
			begin_all(j, &b, failed, nfailed);
	}
	free(failed);
	backfill_free(&b);
	return r;
}
