/* intake: records from a pipe become runs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backfills.h"
#include "cancel.h"
#include "hist.h"
#include "intake.h"
#include "num.h"
#include "plancheck.h"
#include "redo.h"
#include "seen.h"

static void
fault(struct intake *in, unsigned long line, const char *what,
    const struct buf *why)
{
	struct buf b = BUF_INIT;

	in->bad = true;
	buf_fmt(&b, "%s%s%.*s", what, why && why->n ? ": " : "",
	    why ? (int)why->n : 0, why && why->n ? why->p : "");
	in->fault(line, buf_cstr(&b), in->arg);
	buf_free(&b);
}

/* publishes the runs made so far, admits them, lets go of the DAG */
static int
finish_runs(struct intake *in)
{
	int x, e;

	if (!in->making)
		return 0;
	in->making = false;
	x = maker_commit(&in->maker);
	e = errno;
	if (maker_end(&in->maker) < 0 && x == 0)
		return -1;
	errno = e;
	return x;
}

static int
finish_dag(struct intake *in)
{
	int x = finish_runs(in);

	if (in->dag[0] && in->got < in->wanted && !in->refused) {
		struct buf why = BUF_INIT;

		buf_fmt(&why, "%u of its %u task records came: nothing of it "
		    "is done", in->got, in->wanted);
		fault(in, in->line, in->dag, &why);
		buf_free(&why);
	}
	if (in->whole)
		plan_free(&in->plan);
	in->whole = false;
	in->dag[0] = '\0';
	in->wanted = in->got = 0;
	buf_reset(&in->text);
	return x;
}

static int
finish_history(struct intake *in)
{
	int x = in->history.n == 0 ? 0 :
	    hist_append(in->spool, in->hdag, &in->history);

	buf_reset(&in->history);
	return x;
}

/* all its tasks are here */
static int
complete(struct intake *in)
{
	struct buf why = BUF_INIT;
	int x = 0, lock;

	if (plan_make(&in->plan, in->text.p, in->text.n, &why) < 0) {
		in->refused = true;
		x = errno == EINVAL ? 0 : -1;
	} else if (plancheck(&in->plan, &why) < 0) {
		plan_free(&in->plan);
		in->refused = true;
		x = errno == EINVAL ? 0 : -1;
	} else {
		in->whole = true;
		lock = dag_lock(in->spool, in->dag);
		x = lock < 0 ? -1 : seen_schedule(in->spool, &in->head);
		if (lock >= 0)
			close(lock);
	}
	if (in->refused && x == 0)
		fault(in, in->line, in->dag, &why);
	buf_free(&why);
	return x < 0 ? -1 : 0;
}

static int
take_dag(struct intake *in, const struct rec *r)
{
	const char *tasks = rec_get(r, "tasks");
	int64_t n;

	if (finish_dag(in) < 0)
		return -1;
	in->refused = true;
	snprintf(in->dag, sizeof in->dag, "%.64s", r->id);
	if (!name_ok(r->id, strlen(r->id))) {
		fault(in, in->line, "not a name for a DAG", NULL);
		return 0;
	}
	if (!tasks || num_parse(tasks, 1, 10000000, &n) < 0) {
		fault(in, in->line, "the dag record has no tasks=N", NULL);
		return 0;
	}
	in->refused = false;
	in->wanted = (uint32_t)n;
	buf_add(&in->text, r->raw, r->rawlen);
	buf_ch(&in->text, '\n');
	if (in->text.err) {
		errno = in->text.err;
		return -1;
	}
	/* a copy, which lives as long as its text */
	return rec_parse(&in->head, in->text.p, r->rawlen) == REC_OK ? 0 : -1;
}

static int
take_task(struct intake *in, const struct rec *r)
{
	size_t n = strlen(in->dag);

	if (in->refused)
		return 0;
	if (!in->dag[0] || in->got == in->wanted ||
	    strncmp(r->id, in->dag, n) != 0 || r->id[n] != '/') {
		/* one more than tasks=N: then N is not to be believed */
		in->refused = in->dag[0];
		fault(in, in->line, "a task record that no dag record "
		    "announced", NULL);
		return 0;
	}
	buf_add(&in->text, r->raw, r->rawlen);
	buf_ch(&in->text, '\n');
	if (in->text.err) {
		errno = in->text.err;
		return -1;
	}
	return ++in->got == in->wanted ? complete(in) : 0;
}

/* there is a run already, and it is to run again */
static void
note_again(struct intake *in, const struct rec *r)
{
	int64_t t;

	if (run_name_parse(strchr(r->id, '/') + 1, &t, NULL, NULL) == 0)
		buf_fmt(&in->again, "%s %lld %s\n", in->dag, (long long)t,
		    rec_get(r, "again"));
}

static int
run_again(struct intake *in)
{
	char *line, *at, *how, *end, name[RUN_LEN + 1];
	int x = 0, r;

	for (line = buf_cstr(&in->again); (end = strchr(line, '\n'));
	    line = end + 1) {
		*end = '\0';
		at = strchr(line, ' ');
		*at++ = '\0';
		how = strchr(at, ' ');
		*how++ = '\0';
		r = redo_run(in->spool, line, strtoll(at, NULL, 10),
		    strcmp(how, "all") != 0, name);
		if (r < 0)
			x = -1;
		else if (r)
			in->made(line, name, in->arg);
	}
	buf_reset(&in->again);
	return x;
}

/* what became of backfills that are there */
static int
finish_going(struct intake *in)
{
	struct rec r = {0};
	char *line, *end;
	int x = 0;

	for (line = buf_cstr(&in->going); (end = strchr(line, '\n'));
	    line = end + 1)
		if (rec_parse(&r, line, (size_t)(end - line)) != REC_OK ||
		    backfills_go_on(in->spool, &r) < 0)
			x = -1;
	rec_free(&r);
	buf_reset(&in->going);
	return x;
}

/* what a backfill consists of comes in a row */
static int
finish_backfill(struct intake *in)
{
	struct buf why = BUF_INIT;
	int x = 0;

	if (in->backfill.n > 0)
		x = backfills_write(in->spool, in->bname, &in->backfill);
	if (x < 0 && errno == EEXIST) {
		buf_str(&why, "there is one of this name already");
		fault(in, in->line, in->bname, &why);
		x = 0;
	}
	buf_free(&why);
	buf_reset(&in->backfill);
	return x;
}

static int
take_backfill(struct intake *in, const struct rec *r)
{
	struct buf why = BUF_INIT;
	struct backfills_part p;
	int x = backfills_parse(&p, r, &why);

	if (x < 0 && errno != EINVAL)
		x = -2;
	else if (x < 0)
		fault(in, in->line, buf_cstr(&why), NULL);
	buf_free(&why);
	if (x == 0 && rec_get(r, "state")) {
		buf_add(&in->going, r->raw, r->rawlen);
		buf_ch(&in->going, '\n');
		backfills_part_free(&p);
		return 0;
	}
	if (x == 0 && strcmp(p.name, in->bname) != 0) {
		if (finish_backfill(in) < 0)
			x = -2;
		memcpy(in->bname, p.name, sizeof in->bname);
	}
	if (x == 0) {
		buf_add(&in->backfill, r->raw, r->rawlen);
		buf_ch(&in->backfill, '\n');
	}
	backfills_part_free(&p);
	return x < -1 ? -1 : 0;
}

/* the runs that this one takes the place of; they end when it is there */
static void
note_cancels(struct intake *in, const char *list, const char *by)
{
	size_t n;

	for (; list && *list; list += n + (list[n] == ' ')) {
		n = strcspn(list, " ");
		if (n > 0)
			buf_fmt(&in->cancel, "%s %.*s %s\n", in->dag,
			    n > RUN_LEN ? RUN_LEN : (int)n, list, by);
	}
}

/* nothing is locked, all runs are there */
static int
cancel_all(struct intake *in)
{
	char *line, *run, *by, *end, note[RUN_LEN + 64];
	int x = 0, r;

	for (line = buf_cstr(&in->cancel); (end = strchr(line, '\n'));
	    line = end + 1) {
		*end = '\0';
		run = strchr(line, ' ');
		*run++ = '\0';
		by = strchr(run, ' ');
		*by++ = '\0';
		if (run_name_parse(run, NULL, NULL, NULL) < 0)
			continue;
		snprintf(note, sizeof note, "cancelled by %s "
		    "(overlap = cancel)", by);
		r = cancel_run(in->spool, line, run, note);
		if (r < 0)
			x = -1;
		else if (r && in->cancelled)
			in->cancelled(line, run, in->arg);
	}
	buf_reset(&in->cancel);
	return x;
}

static int
take_run(struct intake *in, const struct rec *r)
{
	char name[RUN_LEN + 1];
	struct buf why = BUF_INIT;
	int x = 0;

	if (in->refused)
		return 0;
	if (!in->whole) {
		fault(in, in->line, "a run record without the dag and task "
		    "records before it", NULL);
		return 0;
	}
	if (!in->making) {
		x = maker_start(&in->maker, in->spool, &in->plan, &why);
		in->making = x == 0;
		in->refused = x < 0;
	}
	if (x == 0)
		x = maker_add(&in->maker, r, name, &why);
	if (x < 0 && errno == EINVAL && why.n) {
		fault(in, in->line, buf_cstr(&why), NULL);
		x = 0;
	} else if (x == 0 && rec_get(r, "again")) {
		note_again(in, r);
	} else if (x == 1) {
		in->made(in->dag, name, in->arg);
		note_cancels(in, rec_get(r, "cancels"), name);
	}
	buf_free(&why);
	return x < 0 ? -1 : 0;
}

static int
take_missed(struct intake *in, const struct rec *r)
{
	const char *slash = strchr(r->id, '/');
	bool manual = true;
	int64_t t;

	if (!slash || !name_ok(r->id, (size_t)(slash - r->id)) ||
	    run_name_parse(slash + 1, &t, NULL, &manual) < 0 ||
	    (manual && !run_name_queues(slash + 1)) ||
	    !rec_get(r, "reason")) {
		fault(in, in->line, "a missed record without the slot it "
		    "speaks of, or without reason=", NULL);
		return 0;
	}
	if (strncmp(in->hdag, r->id, (size_t)(slash - r->id)) != 0 ||
	    in->hdag[slash - r->id]) {
		if (finish_history(in) < 0)
			return -1;
		snprintf(in->hdag, sizeof in->hdag, "%.*s",
		    (int)(slash - r->id), r->id);
	}
	buf_add(&in->history, r->raw, r->rawlen);
	buf_ch(&in->history, '\n');
	errno = in->history.err;
	return in->history.err ? -1 : 0;
}

int
intake_record(struct intake *in, const struct rec *r, unsigned long line)
{
	in->line = line;
	if (strcmp(r->kind, "dag") == 0)
		return take_dag(in, r);
	if (strcmp(r->kind, "task") == 0)
		return take_task(in, r);
	if (strcmp(r->kind, "run") == 0)
		return take_run(in, r);
	if (strcmp(r->kind, "missed") == 0)
		return take_missed(in, r);
	if (strcmp(r->kind, "backfill") == 0)
		return take_backfill(in, r);
	return 0;
}

/* what is done when all runs are there, and nothing is locked */
static int
finish_late(struct intake *in)
{
	int x = finish_backfill(in);

	if (in->cancel.n && cancel_all(in) < 0)
		x = -1;
	if (in->again.n && run_again(in) < 0)
		x = -1;
	/* behind what they say has been done */
	if (x == 0 && finish_going(in) < 0)
		x = -1;
	return x;
}

int
intake_pause(struct intake *in)
{
	int x = finish_runs(in), y = finish_history(in);

	if (x < 0 || y < 0)
		return -1;
	return finish_late(in);
}

int
intake_end(struct intake *in)
{
	int x = finish_dag(in), y = finish_history(in);

	if (x == 0)
		x = finish_late(in);
	buf_free(&in->cancel);
	buf_free(&in->again);
	buf_free(&in->backfill);
	buf_free(&in->going);
	rec_free(&in->head);
	buf_free(&in->text);
	buf_free(&in->history);
	return x < 0 || y < 0 ? -1 : 0;
}
