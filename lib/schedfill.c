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

/* the next slot of a part that has no run; false: there are no more */
static bool
next_slot(const struct sched_job *j, const struct backfills_part *p,
    int64_t *t)
{
	for (;;) {
		if (p->reverse) {
			if (slots_prev(&j->slots, *t, t) < 0 || *t < p->from)
				return false;
		} else if (slots_next(&j->slots, *t, t) < 0 || *t > p->to) {
			return false;
		}
		if (!known_run(&j->known, *t) && !slots_beyond(&j->slots, *t))
			return true;
	}
}

static int
go_on(struct sched_job *j, const struct backfills_part *p, struct pace *pace)
{
	struct rec_field key[KEYS], *param;
	int64_t t = p->reverse ? p->to + 1 : p->from - 1, room, wake;
	size_t nkey, nparam;
	const char *why;

	if (p->state != BACKFILL_ACTIVE || !next_slot(j, p, &t))
		return 0;
	room = pace_room(pace, p, &why, &wake);
	if (room < 0)
		return -1;
	param = calloc(p->rec.nfield + 1, sizeof *param);
	if (!param)
		return -1;
	nkey = take_keys(p, key, param, &nparam);
	for (int64_t i = 0; i < room; i++) {
		put_run(j, t, key, nkey, param, nparam);
		pace->due++;
		if (!next_slot(j, p, &t))
			break;
	}
	free(param);
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
		    b->part[i].state == BACKFILL_ACTIVE)
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
	instant_format(text, j->sched->now, 0);
	rec_put(out, "created", text);
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

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void
begin_all(struct sched_job *j, const struct backfill *b, const int64_t *failed,
    size_t nfailed)
{
	static char name[] = "again", all[] = "all", some[] = "failed";
	struct rec_field key = {name, j->sched->backfill.again == AGAIN_ALL ?
	    all : some};
	int64_t t;

	for (size_t i = 0; i < b->n; i++) {
		t = b->list[j->sched->backfill.reverse ? b->n - 1 - i : i];
		put_run(j, t, &key, known_run(&j->known, t) &&
		    (j->sched->backfill.again == AGAIN_ALL || (nfailed &&
		    bsearch(&t, failed, nfailed, sizeof t, compare))),
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
		else if (j->sched->backfill.name && b.n > 0)
			r = begin_paced(j, &b);
		else
			begin_all(j, &b, failed, nfailed);
	}
	free(failed);
	backfill_free(&b);
	return r;
}
