/* others: the runs that a task comes after: of other DAGs, and of the past. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "due.h"
#include "hist.h"
#include "known.h"
#include "others.h"
#include "rec.h"
#include "runfile.h"
#include "slots.h"

enum { MOST = 1000000 };	/* slots that one task waits for */

static int
by_time(const void *a, const void *b)
{
	const struct other *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

/* adds a slot, if it is not the one added last */
static int
add(struct others *o, int64_t t, const struct run_entry *run, bool decided)
{
	size_t cap = o->cap ? 2 * o->cap : 16;
	struct other *grown;

	if (o->n == MOST) {
		errno = EOVERFLOW;
		return -1;
	}
	if (o->n == o->cap) {
		grown = realloc(o->list, cap * sizeof *grown);
		if (!grown)
			return -1;
		o->list = grown;
		o->cap = cap;
	}
	o->list[o->n++] = (struct other){t, decided && !run ? STATE_SKIPPED :
	    STATE_NONE, run, decided};
	return 0;
}

/* the slots that the spool knows of: the schedule that was seen last */
static int
load_slots(struct slots *s, const struct known *k, int64_t *from)
{
	struct buf why = BUF_INIT, line = BUF_INIT;
	struct rec r = {0};
	int x = 0;

	*s = (struct slots){0};
	*from = INT64_MAX;
	rec_begin(&line, "dag", "x");
	buf_add(&line, k->slots.p, k->slots.n);
	if (rec_parse(&r, line.p, line.n) == REC_OK &&
	    rec_get(&r, "schedule")) {
		x = slots_make(s, &r, &why);
		if (x == 0) {
			slots_seen(s, k->since);
			*from = due_from(s, k);
		} else if (why.n)
			errno = EINVAL;
	}
	rec_free(&r);
	buf_free(&line);
	buf_free(&why);
	return x;
}

/* slots that are to have a run, or have been passed over */
static int
add_slots(struct others *o, const struct slots *s, const struct known *k,
    int64_t counts, int64_t from, int64_t to)
{
	int64_t t = from > counts ? from : counts;

	while (t < to && slots_next(s, t, &t) == 0 && t <= to)
		if (!known_run(k, t) && add(o, t, NULL,
		    known_decided(k, t)) < 0)
			return -1;
	return 0;
}

/* the latest at or before t, if any is known */
static int
add_latest(struct others *o, const struct slots *s, const struct known *k,
    int64_t counts, int64_t t)
{
	const struct run_entry *run = NULL;
	int64_t slot;

	for (size_t i = 0; i < o->nrun; i++)
		if (!o->run[i].manual && o->run[i].time <= t)
			run = &o->run[i];
	if (s->n && slots_prev(s, t == INT64_MAX ? t : t + 1, &slot) == 0 &&
	    slot > counts && (!run || slot > run->time))
		return add(o, slot, NULL, known_decided(k, slot));
	return run ? add(o, run->time, run, true) : 0;
}

/* what history says of the runs in the list that are not live */
struct past_state {
	struct others *o;
	const char *dag, *task;
	const char *run;	/* the only one, or NULL: slots */
};

static int
take_state(const struct rec *r, void *arg)
{
	struct past_state *p = arg;
	struct other key = {.time = 0}, *at;
	const char *slash = strchr(r->id, '/'), *state = rec_get(r, "state");
	char name[RUN_LEN + 1];
	bool manual = true;
	size_t n = slash ? strcspn(slash + 1, "/") : 0;

	if (!slash || !state || n > RUN_LEN || strcmp(r->kind, p->task[0] ?
	    "instance" : "run") != 0)
		return 0;
	memcpy(name, slash + 1, n);
	name[n] = '\0';
	if (strcmp(slash + 1 + n + (slash[1 + n] == '/'), p->task) != 0 ||
	    run_name_parse(name, &key.time, NULL, &manual) < 0 ||
	    (p->run ? strcmp(name, p->run) != 0 : manual))
		return 0;
	at = bsearch(&key, p->o->list, p->o->n, sizeof key, by_time);
	if (at && at->run && at->run->archived) {
		at->state = state_parse(state, strlen(state));
		if (!state_ended(at->state))
			at->state = STATE_FAILED;
	}
	return 0;
}

/* of a live run; ENOENT: it is not there any more */
static int
live_state(struct spool *sp, const char *dag, const char *name,
    const char *task, enum state *state)
{
	enum run_state own;
	struct run r;
	int x = -1, e;

	*state = STATE_NONE;
	if (run_open(sp, dag, name, &r) < 0)
		return -1;
	own = run_state(&r);
	if (!task[0]) {
		x = 0;
		if (own == RUN_SUCCESS || own == RUN_FAILED)
			*state = own == RUN_SUCCESS ? STATE_SUCCESS :
			    STATE_FAILED;
	} else if (run_plan(&r, NULL) == 0) {
		x = 0;
		*state = plan_find(r.plan, task, strlen(task)) < 0 ?
		    STATE_SKIPPED : task_state(&r, task).state;
		if (!state_ended(*state))
			*state = STATE_NONE;
		else if (own == RUN_ACTIVE && sp->tmp >= 0)
			x = spool_sync(sp, r.fd);
	}
	e = errno;
	run_close(&r);
	errno = e;
	return x;
}

static int
load_states(struct others *o, struct spool *sp, const char *dag,
    const char *task)
{
	struct past_state p = {o, dag, task, NULL};
	struct run_entry *run;
	bool past = false;

	for (size_t i = 0; i < o->n; i++) {
		run = (struct run_entry *)(uintptr_t)o->list[i].run;
		if (!run)
			continue;
		if (!run->archived && live_state(sp, dag, run->name, task,
		    &o->list[i].state) < 0) {
			if (errno != ENOENT)
				return -1;
			run->archived = true;
		}
		if (run->archived)
			o->list[i].state = STATE_SKIPPED;
		past |= run->archived;
	}
	return past ? hist_each(sp, dag, take_state, &p) : 0;
}

int
others_load(struct others *o, struct spool *sp, const char *dag,
    const char *task, int64_t from, int64_t to)
{
	struct slots slots = {0};
	struct known k = {0};
	int64_t counts = INT64_MAX, t;
	int x = -1, e;

	*o = (struct others){0};
	if (known_load(&k, sp, dag, NULL) < 0 ||
	    spool_runs(sp, dag, true, &o->run, &o->nrun) < 0 ||
	    load_slots(&slots, &k, &counts) < 0)
		goto out;
	o->known = k.listed || o->nrun > 0;
	for (size_t i = 0; i < o->nrun; i++) {
		t = o->run[i].time;
		if (!o->run[i].manual && t > from && t <= to &&
		    add(o, t, &o->run[i], true) < 0)
			goto out;
	}
	if (add_slots(o, &slots, &k, counts, from, to) < 0 ||
	    (o->n == 0 && add_latest(o, &slots, &k, counts, from) < 0))
		goto out;
	if (o->n)
		qsort(o->list, o->n, sizeof *o->list, by_time);
	x = load_states(o, sp, dag, task);
out:
	e = errno;
	slots_free(&slots);
	known_free(&k);
	errno = e;
	return x;
}

void
others_free(struct others *o)
{
	free(o->list);
	free(o->run);
	*o = (struct others){0};
}

int
others_interval(const struct run *r, int64_t *from, int64_t *to)
{
	struct runfile file;
	const char *prev;
	int x = runfile_read(&file, r);

	if (x >= 0)
		errno = EINVAL;
	if (x == 0 && run_name_parse(r->name, to, NULL, NULL) == 0) {
		prev = rec_get(&file.rec, "prev");
		if (!prev || instant_parse(prev, from, NULL) < 0)
			*from = *to;
	} else
		x = -1;
	runfile_free(&file);
	return x;
}

int
others_before(const struct run *r, char name[RUN_LEN + 1])
{
	struct run_entry *list;
	struct run before;
	bool manual = false, waits;
	int64_t t;
	size_t n;

	*name = '\0';
	if (run_name_parse(r->name, &t, NULL, &manual) < 0 || manual)
		return 0;
	if (spool_runs(r->spool, r->dag, true, &list, &n) < 0)
		return -1;
	while (n-- > 0 && !*name) {
		if (list[n].manual || list[n].time >= t)
			continue;
		waits = !list[n].archived && run_open(r->spool, r->dag,
		    list[n].name, &before) == 0;
		if (waits) {
			waits = run_state(&before) == RUN_WAITING;
			run_close(&before);
		}
		if (!waits)
			memcpy(name, list[n].name, RUN_LEN + 1);
	}
	free(list);
	return *name != '\0';
}

int
others_state(struct spool *sp, const char *dag, const char *run,
    const char *task, enum state *state)
{
	struct run_entry entry = {.archived = true};
	struct other one = {.run = &entry, .state = STATE_SKIPPED};
	struct others o = {.list = &one, .n = 1};
	struct past_state p = {&o, dag, task, run};

	if (live_state(sp, dag, run, task, state) == 0)
		return 0;
	if (errno != ENOENT || run_name_parse(run, &one.time, NULL, NULL) < 0 ||
	    hist_each(sp, dag, take_state, &p) < 0)
		return -1;
	*state = one.state;
	return 0;
}
