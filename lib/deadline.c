/* deadline: when a task or a run has to have begun, or ended, and what then. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "deadline.h"
#include "hist.h"
#include "io.h"
#include "marker.h"
#include "notify.h"
#include "num.h"
#include "rec.h"
#include "runfile.h"
#include "tz.h"

enum { MARKER_MAX = 64 << 20 };

static const char *const keys[DEADLINE_KINDS] = {"start-by", "end-by",
    "timeout"};
static const char *const reasons[2][DEADLINE_KINDS] = {
	{"start-by", "end-by", ""}, {"", "run-end-by", "run-timeout"},
};
static const char *const thens[] = {
	[DEADLINE_WARN] = "warn", [DEADLINE_SKIP] = "skip",
	[DEADLINE_FAIL] = "fail",
};

bool
deadline_final(const char *reason)
{
	for (int k = 0; k < DEADLINE_KINDS; k++)
		if (*reason && (strcmp(reason, reasons[0][k]) == 0 ||
		    strcmp(reason, reasons[1][k]) == 0))
			return true;
	return false;
}

/* a slot's run is due then; one that was asked for, when it was made */
static int
read_record(struct deadlines *d)
{
	struct runfile file;
	const char *cause, *v;
	int64_t t;
	int x = runfile_read(&file, d->run);

	cause = rec_get(&file.rec, "cause");
	v = rec_get(&file.rec, cause && (strcmp(cause, "schedule") == 0 ||
	    strcmp(cause, "catchup") == 0) ? "time" : "created");
	if (v && instant_parse(v, &t, NULL) == 0)
		d->due = d->start = t;
	runfile_free(&file);
	return x < 0 ? -1 : 0;
}

/* what the run's own file says: when it began */
static int
read_active(struct deadlines *d)
{
	struct buf text = BUF_INIT;
	struct marker_line l;
	char *rest;
	int64_t t;
	int x = io_read(d->run->fd, "@active", &text, MARKER_MAX);

	if (x < 0 && errno == ENOENT)
		x = io_read(d->run->fd, "@waiting", &text, MARKER_MAX);
	rest = x < 0 ? NULL : buf_cstr(&text);
	while (rest && marker_next(&rest, &l)) {
		bool rerun = strcmp(l.event, "rerun") == 0;

		if ((!rerun && strcmp(l.event, "start") != 0) ||
		    instant_parse(l.when, &t, NULL) < 0)
			continue;
		d->start = t + 1;	/* never early */
		if (rerun)
			d->lifted = t;
	}
	buf_free(&text);
	return x;
}

int
deadlines_load(struct deadlines *d, const struct run *r)
{
	struct buf b = BUF_INIT;

	*d = (struct deadlines){.run = r};
	if (run_name_parse(r->name, &d->due, NULL, NULL) == 0)
		d->start = d->due;
	d->zone = tz_load(plan_dag_get(r->plan, "timezone", &b));
	buf_free(&b);
	return !d->zone || read_record(d) < 0 || read_active(d) < 0 ? -1 : 0;
}

/* the first time after t that the clock shows so many seconds of the day */
static int64_t
next_time(const struct tz *zone, int64_t t, int64_t seconds)
{
	int64_t local = t + tz_offset(zone, t), at[2];
	struct civil c;

	for (int day = 0; day < 3; day++) {
		civil_from_seconds(&c, local - local % 86400 + day * 86400 +
		    seconds);
		tz_instants(zone, &c, at);
		if (at[0] > t)
			return at[0];
	}
	return t + 86400;
}

bool
deadline_of(const struct deadlines *d, int64_t task, enum deadline_kind k,
    struct deadline *out)
{
	const struct plan *p = d->run->plan;
	bool run = task == DEADLINE_RUN, is = false;
	struct buf b = BUF_INIT;
	struct deadline_value v;
	const char *text;

	if (reasons[run][k][0] == '\0')
		return false;
	text = run ? plan_dag_get(p, keys[k], &b) :
	    plan_get(p, (uint32_t)task, keys[k], &b);
	out->reason = reasons[run][k];
	if (text && k == DEADLINE_TIMEOUT &&
	    dur_parse(text, &v.seconds) == 0) {
		out->at = d->start + v.seconds;
		out->then = DEADLINE_FAIL;
		is = true;
	} else if (text && deadline_parse(text, &v) == 0) {
		out->at = v.clock ? next_time(d->zone, d->due, v.seconds) :
		    d->due + v.seconds;
		out->then = v.then;
		is = true;
	}
	buf_free(&b);
	return is && out->at > d->lifted;
}

static void
put(struct buf *b, const struct deadline *dl)
{
	char at[INSTANT_LEN];

	instant_format(at, dl->at, 0);
	rec_put(b, "reason", dl->reason);
	rec_put(b, "at", at);
	rec_put(b, "then", thens[dl->then]);
}

int
deadline_passed(const struct run *r, const char *task,
    const struct deadline *dl)
{
	char id[NAME_LEN + RUN_LEN + TASK_LEN + 3], now[INSTANT_LEN];
	struct buf b = BUF_INIT;
	int x;

	snprintf(id, sizeof id, "%s/%s%s%s", r->dag, r->name, task ? "/" : "",
	    task ? task : "");
	rec_begin(&b, "deadline", id);
	put(&b, dl);
	instant_format_ms(now, clock_now());
	rec_put(&b, "end", now);
	rec_end(&b);
	x = hist_append(r->spool, r->dag, &b);
	if (x == 0)
		x = notify_deadline(r, task, dl->then == DEADLINE_SKIP ?
		    "skipped" : dl->then == DEADLINE_FAIL ? "failed" : "late",
		    dl->reason);
	buf_free(&b);
	return x;
}

/* appends an event to an open file and leaves its mtime as it was */
static int
append(int fd, const char *event, const struct buf *fields)
{
	struct timespec times[2];
	struct stat st;

	if (fstat(fd, &st) < 0 || marker_event(fd, event, fields, NULL) < 0)
		return -1;
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	return futimens(fd, times);
}

/* does a marker's text have such an event, since a person's rerun? a deadline
 * also for that reason */
static bool
has(const struct buf *marker, const char *event, const char *reason,
    const struct deadlines *d)
{
	struct buf text = BUF_INIT;
	char why[16], *rest;
	struct marker_line l;
	bool is = false;
	int64_t t;

	buf_add(&text, marker->p, marker->n);
	for (rest = buf_cstr(&text); !is && marker_next(&rest, &l);)
		is = strcmp(l.event, event) == 0 &&
		    instant_parse(l.when, &t, NULL) == 0 && t >= d->lifted &&
		    (!reason || (marker_field(&l, "reason", why, sizeof why) &&
		    strcmp(why, reason) == 0));
	buf_free(&text);
	return is;
}

/* writes it into an open marker with that text, unless it is there; the
 * history has it once, of the task or the run that has the deadline */
static int
tell(const struct deadlines *d, const char *task, const struct deadline *dl,
    int fd, const struct buf *text)
{
	struct buf b = BUF_INIT;
	int x = 0;

	if (has(text, "deadline", dl->reason, d))
		return 0;
	put(&b, dl);
	if (!task || strncmp(dl->reason, "run-", 4) != 0)
		x = deadline_passed(d->run, task, dl);
	if (x == 0)
		x = append(fd, "deadline", &b);
	buf_free(&b);
	return x;
}

/* ends a task that does not run; what is ready is held first, so that it is
 * not claimed meanwhile */
static int
end_task(const struct deadlines *d, const char *task, struct instance *in,
    const struct deadline *dl, int fd, const struct buf *text)
{
	static const struct instance held = {STATE_HELD, 0};
	struct instance to = {dl->then == DEADLINE_SKIP ? STATE_SKIPPED :
	    STATE_FAILED, 0};

	if (in->state == STATE_READY) {
		if (task_move(d->run, task, *in, held) < 0)
			return errno == ENOENT ? 0 : -1;
		*in = held;
	}
	if (tell(d, task, dl, fd, text) < 0)
		return -1;
	if (task_move(d->run, task, *in, to) < 0)
		return errno == ENOENT ? 0 : -1;
	*in = to;
	return 0;
}

/* what a DAG is run for is told of it, and then looked at like any other whose
 * time is up; 1, 0: it waits for none, -1 */
static int
tell_parent(const struct deadlines *d, uint32_t task, struct instance in,
    const struct deadline *dl, int fd, const struct buf *text)
{
	char name[TASK_LEN + 1];
	struct child c;
	int x = child_of(d->run, task, in, &c);

	if (x > 0 && tell(d, plan_name(d->run->plan, task, name), dl, fd,
	    text) < 0)
		x = -1;
	return x;
}

/* a deadline of a task has passed, its own or the run's */
static int
task_late(const struct deadlines *d, uint32_t task, struct instance *in,
    const struct deadline *dl)
{
	struct buf text = BUF_INIT;
	char name[TASK_LEN + 1];
	int fd, x;

	fd = marker_open(d->run, plan_name(d->run->plan, task, name), *in,
	    O_RDWR | O_APPEND);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	x = buf_read(&text, fd, MARKER_MAX);
	if (x == 0 && !(strcmp(dl->reason, keys[DEADLINE_START_BY]) == 0 &&
	    has(&text, "start", NULL, d)))
		x = dl->then == DEADLINE_WARN ?
		    tell(d, name, dl, fd, &text) :
		    (x = tell_parent(d, task, *in, dl, fd, &text)) != 0 ?
		    (x < 0 ? -1 : 0) : end_task(d, name, in, dl, fd, &text);
	close(fd);
	buf_free(&text);
	return x;
}

static void
sooner(int64_t *next, int64_t at)
{
	if (*next == 0 || at < *next)
		*next = at;
}

/* does it end what does not run? */
static bool
ends(const struct deadline *dl, struct instance in)
{
	return dl->then != DEADLINE_WARN && in.state != STATE_RUNNING;
}

/* the run's own: told once in its file; its tasks end by it one by one */
static int
judge_run(const struct deadlines *d, enum deadline_kind k,
    struct instance *inst, int64_t now, int64_t *next)
{
	struct buf text = BUF_INIT;
	struct deadline dl;
	int fd, x;

	if (!deadline_of(d, DEADLINE_RUN, k, &dl))
		return 0;
	if (dl.at > now) {
		sooner(next, dl.at);
		return 0;
	}
	fd = io_open(d->run->fd, "@active", O_RDWR | O_APPEND, 0);
	if (fd < 0 && errno == ENOENT)
		fd = io_open(d->run->fd, "@waiting", O_RDWR | O_APPEND, 0);
	if (fd < 0)
		return -1;
	x = buf_read(&text, fd, MARKER_MAX);
	if (x == 0)
		x = tell(d, NULL, &dl, fd, &text);
	close(fd);
	buf_free(&text);
	for (uint32_t t = 0; t < d->run->plan->n && x >= 0; t++)
		if (!state_ended(inst[t].state) && inst[t].state >= 0 &&
		    ends(&dl, inst[t]) &&
		    !(d->run->plan->task[t].keys & PLAN_TEARDOWN))
			x = task_late(d, t, &inst[t], &dl);
	return x < 0 ? -1 : 0;
}

static int
judge_task(const struct deadlines *d, uint32_t t, enum deadline_kind k,
    struct instance *in, int64_t now, int64_t *next)
{
	struct deadline dl;

	if (in->state < 0 || state_ended(in->state) ||
	    !(d->run->plan->task[t].keys & PLAN_DEADLINES) ||
	    (k == DEADLINE_START_BY && in->state == STATE_RUNNING) ||
	    !deadline_of(d, t, k, &dl))
		return 0;
	if (dl.at > now)
		sooner(next, dl.at);
	else if (dl.then == DEADLINE_WARN || ends(&dl, *in))
		return task_late(d, t, in, &dl);
	return 0;
}

int
deadline_judge(struct run *r, struct instance *inst)
{
	int64_t now = clock_seconds(), next = 0;
	struct deadlines d;
	int x;

	if (!(r->plan->keys & PLAN_DEADLINES))
		return 0;
	x = deadlines_load(&d, r);
	for (int k = 0; k < DEADLINE_KINDS && x == 0; k++)
		for (uint32_t t = 0; t < r->plan->n && x == 0; t++)
			x = judge_task(&d, t, (enum deadline_kind)k, &inst[t],
			    now, &next);
	for (int k = 0; k < DEADLINE_KINDS && x == 0; k++)
		x = judge_run(&d, (enum deadline_kind)k, inst, now, &next);
	if (next && (!r->spool->alarm || next < r->spool->alarm))
		r->spool->alarm = next;
	return x;
}

int
deadline_waiting(struct run *r)
{
	struct instance *inst;
	int x;

	if (!(r->plan->keys & PLAN_DEADLINES))
		return 0;
	inst = malloc(r->plan->n * sizeof *inst);
	x = !inst || run_states(r, inst) < 0 ? -1 : deadline_judge(r, inst);
	free(inst);
	return x;
}

int
deadline_begin(const struct run *r)
{
	int fd, x;

	if (!(r->plan->keys & PLAN_DEADLINES))
		return 0;
	fd = io_open(r->fd, "@waiting", O_RDWR | O_APPEND, 0);
	if (fd < 0)
		return -1;
	x = append(fd, "start", NULL);
	close(fd);
	return x;
}
