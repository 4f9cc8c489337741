/* sched: from the definition of a DAG to the records of its runs. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "due.h"
#include "known.h"
#include "params.h"
#include "rec.h"
#include "runrec.h"
#include "sched.h"
#include "schedasset.h"
#include "schedfile.h"
#include "schedfill.h"
#include "slotless.h"
#include "whyslot.h"
#include "spool.h"

enum { REST = 60 };		/* seconds until what SCHED_MAX cut off */

/* the runs that are to be ended so that there is room for one more: names,
 * separated by blanks */
static void
choose_cancelled(struct buf *b, const struct run_entry *live, size_t n,
    int64_t room)
{
	for (size_t i = 0; i < n && (int64_t)(n - i) >= room; i++) {
		if (b->n)
			buf_ch(b, ' ');
		buf_str(b, live[i].name);
	}
}

static void
put_due(struct sched_job *j, struct due *due, struct buf *cancels)
{
	struct sched *s = j->sched;
	char name[] = "cancels";
	struct rec_field key = {name, NULL};
	struct runrec r = {.key = &key};
	struct due_item item;

	while (due_next(due, &item)) {
		if (s->runs + s->missed == SCHED_MAX) {
			buf_fmt(&s->notes, "more than %d records are "
			    "due, these are the oldest: the next call has "
			    "more\n", SCHED_MAX);
			s->wake = s->now + REST;
			return;
		}
		if (item.kind == DUE_MISSED) {
			runrec_missed(sched_output(j), j->dag.id, &j->slots,
			    &item);
			s->missed++;
			continue;
		}
		key.value = buf_cstr(cancels);
		r.cause = item.text;
		r.nkey = cancels->n > 0;
		runrec_slot(sched_output(j), j->dag.id, &j->slots, item.time,
		    item.first, &r);
		buf_reset(cancels);
		s->runs++;
	}
}

static int
decide_due(struct sched_job *j)
{
	struct sched *s = j->sched;
	struct run_entry *live = NULL;
	struct buf cancels = BUF_INIT;
	struct due_policy policy;
	struct due due;
	bool paced;
	size_t n = 0;
	int r = 0;

	if (due_policy(&policy, &j->dag, j->why) < 0)
		return 1;
	paced = schedfill_has(j);
	if ((policy.overlap != DUE_QUEUE || paced) &&
	    known_live(s->spool, j->dag.id, &live, &n) < 0)
		return -1;
	due_begin(&due, &policy, j->unseen, &j->slots, &j->known, (int64_t)n,
	    s->now);
	if (j->known.paused) {
		free(live);
		return 0;
	}
	s->wake = due.wake;
	if (j->unseen)
		sched_output(j);
	if (policy.overlap == DUE_CANCEL)
		choose_cancelled(&cancels, live, n, policy.runs);
	put_due(j, &due, &cancels);
	if (due.held)
		sched_watch(j, live, n);
	if (paced)
		r = schedfill_paced(j, policy.runs, live, n);
	free(live);
	buf_free(&cancels);
	return r;
}

/* a run made by hand, with parameters as its DAG declares them */
static int
make_manual(struct sched_job *j)
{
	struct runrec by = {.cause = "manual", .param = j->sched->param,
	    .nparam = j->sched->nparam};
	struct buf line = BUF_INIT;
	struct plan plan;
	struct rec run = {0};
	int r;

	if (plan_make(&plan, j->text->p, j->text->n, j->why) < 0)
		return j->why->n ? 1 : -1;
	runrec_manual(&line, j->dag.id, &j->slots, j->sched->now, &by);
	errno = ENOMEM;
	r = rec_parse(&run, buf_cstr(&line), line.n - !!line.n) != REC_OK ||
	    line.err ? -1 : params_check(&plan, &run, j->why);
	if (r == 0)
		buf_add(sched_output(j), line.p, line.n);
	j->sched->runs = r == 0;
	if (r < 0 && errno == EINVAL)
		r = 1;
	rec_free(&run);
	plan_free(&plan);
	buf_free(&line);
	return r;
}

static int
decide(struct sched_job *j)
{
	if (rec_parse(&j->dag, j->text->p, strcspn(j->text->p, "\n")) !=
	    REC_OK) {
		errno = ENOMEM;
		return -1;
	}
	errno = ENOMEM;
	if (slots_make(&j->slots, &j->dag, j->why) < 0)
		return j->why->n ? 1 : -1;
	if (j->sched->mode == SCHED_MANUAL)
		return make_manual(j);
	j->slotless = slotless_any(&j->dag, j->why);
	if (j->slotless && j->sched->mode == SCHED_DUE)
		return j->slotless == SLOTLESS_FILES ? schedfile_due(j) :
		    schedasset_due(j);
	if (j->slotless && j->sched->mode == SCHED_WHY)
		return j->slotless == SLOTLESS_FILES ?
		    schedfile_why(j, &j->sched->out) :
		    schedasset_why(j, &j->sched->out);
	if (known_load(&j->known, j->sched->spool, j->dag.id,
	    j->sched->there) < 0) {
		buf_str(j->why, "what the spool knows of it");
		return -1;
	}
	j->unseen = due_unseen(&j->dag, &j->slots, &j->known);
	if (j->known.seen && !j->unseen)
		slots_seen(&j->slots, j->known.since);
	if (j->sched->mode == SCHED_WHY)
		return whyslot(j, j->sched->why, &j->sched->out);
	if (j->sched->mode == SCHED_DUE)
		return decide_due(j);
	return schedfill_all(j);
}

int
sched_dag(struct sched *s, const struct buf *text, struct buf *why)
{
	struct sched_job j = {.sched = s, .text = text, .why = why};
	int r, e;

	s->runs = s->missed = 0;
	s->wake = INT64_MAX;
	buf_reset(&s->watch);
	r = decide(&j);
	e = errno;
	s->quiet = r == 0 && !j.named && s->watch.n == 0 && !j.slots.cal &&
	    !j.slotless;
	known_free(&j.known);
	slots_free(&j.slots);
	rec_free(&j.dag);
	if (r == 0 && (s->out.err || s->notes.err)) {
		r = -1;
		e = ENOMEM;
	}
	errno = e;
	return r;
}
