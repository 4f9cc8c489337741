/* why: what a task or run waits for, and what would satisfy it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admit.h"
#include "asked.h"
#include "forecast.h"
#include "holding.h"
#include "io.h"
#include "look.h"
#include "notice.h"
#include "num.h"
#include "planmap.h"
#include "pool.h"
#include "runfile.h"
#include "trigger.h"
#include "why.h"
#include "whygate.h"
#include "whylaunch.h"
#include "words.h"

enum { NAMED = 5 };

/* what keeps the run, said of it or of the task that is asked about */
static void
say_of_run(const struct asked *a, struct buf *b)
{
	view_why(a->view, &a->id, a->id.task[0] ? state_name(a->in.state) :
	    run_state_name(a->look->state), buf_cstr(b));
	buf_reset(b);
}

static void
paused(const struct asked *a, struct buf *b)
{
	buf_str(b, "the DAG is paused");
	if (notice_paused(a->sp, a->id.dag, b)) {
		buf_fmt(b, ": dagq --resume %s", a->id.dag);
		say_of_run(a, b);
	}
	buf_reset(b);
}

/* is it of a backfill that is paused? */
static bool
run_held(const struct asked *a, struct buf *b)
{
	struct runfile file;
	struct stat st;
	const char *name;

	if (fstatat(a->look->run.fd, "@waiting", &st,
	    AT_SYMLINK_NOFOLLOW) < 0 || st.st_mtim.tv_sec != ADMIT_HELD)
		return false;
	runfile_read(&file, &a->look->run);
	name = rec_get(&file.rec, "backfill");
	name = name ? name : "NAME";
	buf_fmt(b, "its backfill, %s, is paused: dagq --backfill resume %s",
	    name, name);
	runfile_free(&file);
	say_of_run(a, b);
	return true;
}

/* appends the first of a DAG's active runs; how many there are, or -1 */
static int
active_runs(const struct asked *a, struct buf *b)
{
	struct run_entry *list;
	struct run r;
	int active = 0;
	size_t n;

	if (spool_runs(a->sp, a->id.dag, false, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!run_name_queues(list[i].name) ||
		    run_open(a->sp, a->id.dag, list[i].name, &r) < 0)
			continue;
		if (faccessat(r.fd, "@active", F_OK, 0) == 0 &&
		    active++ < NAMED)
			buf_fmt(b, "%s%s/%s", active > 1 ? ", " : "",
			    a->id.dag, list[i].name);
		run_close(&r);
	}
	free(list);
	return active;
}

/* the run waits for a place; true if it does */
static bool
run_waits(const struct asked *a, struct buf *b)
{
	struct buf text = BUF_INIT;
	const char *s;
	int64_t max = ACTIVE_RUNS;
	int active;

	if (a->look->state != RUN_WAITING)
		return false;
	if (run_held(a, b))
		return true;
	s = plan_dag_get(a->look->plan, "max-active-runs", &text);
	if (s && num_parse(s, 1, 1000000, &max) < 0)
		max = ACTIVE_RUNS;
	buf_reset(&text);
	active = active_runs(a, &text);
	if (active < 0) {
		buf_free(&text);
		return true;
	}
	if (active < max)
		buf_fmt(b, "the run is waiting though %d of %lld may be "
		    "active: the next dagexec admits it", active,
		    (long long)max);
	else
		buf_fmt(b, "the run is waiting until one of the active runs "
		    "ends, max-active-runs is %lld: %s%s", (long long)max,
		    buf_cstr(&text), active > NAMED ? ", ..." : "");
	say_of_run(a, b);
	buf_free(&text);
	return true;
}

/* what it waits for in other runs */
static void
other_runs(const struct asked *a, struct buf *b)
{
	struct buf lines = BUF_INIT;
	char *line, *save;

	if (whygate(&a->look->run, a->task, &lines) == 0)
		for (line = strtok_r(buf_cstr(&lines), "\n", &save); line;
		    line = strtok_r(NULL, "\n", &save)) {
			buf_str(b, line);
			asked_say(a, b);
		}
	buf_free(&lines);
}

static void
waiting(const struct asked *a, struct buf *b)
{
	size_t before = a->view->n;

	if (run_waits(a, b))
		paused(a, b);
	asked_upstreams(a, b);
	other_runs(a, b);
	if (a->view->n == before) {
		buf_str(b, "nothing keeps it, but nobody has looked at the "
		    "run since: the next dagexec does");
		asked_say(a, b);
	}
}

static void
held(const struct asked *a, struct buf *b)
{
	struct holding h;

	holding_read(a->look, a->task, &h);
	buf_str(b, "it is held");
	asked_when(b, " since ", h.when);
	if (h.by[0])
		buf_fmt(b, " by %s", h.by);
	if (h.note[0])
		buf_fmt(b, " (%s)", h.note);
	buf_fmt(b, ": dagq --release %s/%s/%s", a->id.dag, a->id.run,
	    a->id.task);
	asked_say(a, b);
	/* and what would keep it then */
	if (!a->whole) {
		run_waits(a, b);
		paused(a, b);
	}
	asked_upstreams(a, b);
	other_runs(a, b);
}

/* one pool that it needs */
static void
pool(const struct asked *a, struct buf *b, const char *word)
{
	char name[NAME_LEN + 1];
	unsigned size, taken;
	int64_t need = 1;
	size_t n = strcspn(word, ":");

	if (n > NAME_LEN)
		return;
	snprintf(name, sizeof name, "%.*s", (int)n, word);
	if (word[n])
		num_parse(word + n + 1, 1, POOL_SLOTS, &need);
	if (pool_count(a->sp, name, &size, &taken) < 0)
		buf_fmt(b, "there is no pool %s: dagq --pool %s=N", name,
		    name);
	else if (size < need)
		buf_fmt(b, "it needs %lld slots of the pool %s, which has %u: "
		    "dagq --pool %s=N", (long long)need, name, size, name);
	else if (size - taken < need) {
		buf_fmt(b, "the pool %s is full: %u of %u slot%s held", name,
		    taken, size, size == 1 ? " is" : "s are");
		holding_pool(a->sp, name, NAMED, b);
	} else
		return;
	asked_say(a, b);
}

static bool
pools(const struct asked *a, struct buf *b)
{
	struct buf value = BUF_INIT;
	const char *spec;
	char **words = NULL;
	size_t before = a->view->n;

	spec = plan_get(a->look->plan, a->task, "pool", &value);
	if (spec)
		words = words_split(spec, NULL);
	for (size_t i = 0; words && words[i]; i++)
		pool(a, b, words[i]);
	free(words);
	buf_free(&value);
	return a->view->n > before;
}

/* later than now: a retry, or a sensor's next look */
static bool
not_due(const struct asked *a, struct buf *b)
{
	int64_t now = clock_seconds();
	char text[INSTANT_LEN];
	struct stat st;
	int fd;

	fd = marker_open(&a->look->run, a->id.task, a->in, O_RDONLY);
	if (fd < 0)
		return false;
	st.st_mtim.tv_sec = 0;
	if (fstat(fd, &st) < 0)
		st.st_mtim.tv_sec = 0;
	close(fd);
	if (st.st_mtim.tv_sec <= now)
		return false;
	instant_format(text, st.st_mtim.tv_sec, 0);
	buf_fmt(b, "it %s at %s, in ", a->sum.poking ? "looks again" :
	    "is tried again", text);
	dur_format(b, st.st_mtim.tv_sec - now);
	if (!a->sum.poking && a->sum.attempt) {
		buf_fmt(b, "; attempt %u failed", a->sum.attempt);
		asked_end(b, &a->sum);
	}
	asked_say(a, b);
	return true;
}

static void
ready(const struct asked *a, struct buf *b)
{
	size_t before = a->view->n;

	not_due(a, b);
	paused(a, b);
	pools(a, b);
	if (!notice_served(a->sp)) {
		buf_str(b, "no dagexec serves this spool: dagexec --drain");
		asked_say(a, b);
	}
	if (a->view->n > before || whylaunch_ready(a, b))
		return;
	buf_str(b, "nothing keeps it: it is next when a dagexec has a slot "
	    "free, behind those of higher priority and older runs");
	asked_say(a, b);
}

static void
running(const struct asked *a, struct buf *b)
{
	int fd = marker_open(&a->look->run, a->id.task, a->in, O_RDONLY);

	if (fd < 0)
		return;
	if (io_locked(fd, 0) == 1 || whylaunch_elsewhere(a)) {
		buf_fmt(b, "it is running, attempt %u", a->in.attempt);
		asked_when(b, ", since ", a->sum.start);
		if (a->sum.cause[0])
			buf_fmt(b, ", since %s", a->sum.cause);
		if (a->sum.pid[0])
			buf_fmt(b, ", process %s on %s", a->sum.pid,
			    a->sum.host);
		whylaunch_running(a, false, b);
	} else if (io_locked(fd, 1) == 1)
		buf_str(b, "its supervisor is gone, what it started is not: "
		    "the next dagexec ends that, and tries it again, or "
		    "fails it");
	else if (whylaunch_running(a, true, b)) {
		close(fd);
		return;
	} else
		buf_str(b, "it is lost, nobody holds its lock: the next "
		    "dagexec tries it again, or fails it");
	close(fd);
	asked_say(a, b);
}

static void
ended(const struct asked *a, struct buf *b)
{
	bool failed = a->in.state == STATE_FAILED;

	if (a->in.state == STATE_UPSTREAM_FAILED ||
	    (failed && planmap_joint(a->look->plan, a->task))) {
		asked_upstreams(a, b);
		return;
	}
	if (a->in.state == STATE_SKIPPED && !a->sum.attempt &&
	    asked_upstreams(a, b) > 0)
		return;
	buf_fmt(b, "it has ended%s", failed ? " badly" : "");
	asked_end(b, &a->sum);
	if (failed)
		buf_fmt(b, ": dagq --rerun %s/%s/%s", a->id.dag, a->id.run,
		    a->id.task);
	asked_say(a, b);
}

static void
explain(struct asked *a, uint32_t task)
{
	struct buf b = BUF_INIT;

	a->task = task;
	a->in = a->look->inst[task];
	plan_name(a->look->plan, task, a->id.task);
	look_marker(a->look, task, &a->sum);
	switch (a->in.state) {
	case STATE_WAITING:
		waiting(a, &b);
		break;
	case STATE_HELD:
		held(a, &b);
		break;
	case STATE_READY:
		ready(a, &b);
		break;
	case STATE_RUNNING:
		running(a, &b);
		break;
	case STATE_NONE:
		buf_str(&b, "it has no marker: dagq --check, dagq --repair");
		asked_say(a, &b);
		break;
	default:
		ended(a, &b);
	}
	buf_free(&b);
}

/* a run as a whole: itself, then what in it has not ended well */
static void
explain_run(struct asked *a)
{
	size_t before = a->view->n;
	struct buf b = BUF_INIT;
	bool waits = run_waits(a, &b);
	enum state s;

	if (waits)
		paused(a, &b);
	a->whole = waits;
	for (uint32_t t = 0; t < a->look->plan->n; t++) {
		s = a->look->inst[t].state;
		if (waits ? s == STATE_HELD :
		    s != STATE_SUCCESS && s != STATE_SKIPPED)
			explain(a, t);
	}
	a->id.task[0] = '\0';
	if (a->view->n == before)
		view_why(a->view, &a->id, run_state_name(a->look->state),
		    a->look->state == RUN_ACTIVE ? "all of it has ended, but "
		    "nobody has looked at the run since: the next dagexec does"
		    : "it has ended");
	buf_free(&b);
}

int
why_explain(struct spool *sp, const struct id *id, struct view *v,
    struct buf *why)
{
	struct late known = {0};
	struct look look;
	struct asked a = {.sp = sp, .look = &look, .view = v, .id = *id,
	    .in = {STATE_NONE, 0}};
	int64_t t;
	int x;

	if (look_open(sp, id, &look, why) < 0)
		return -1;
	t = id->task[0] ? plan_find(look.plan, id->task,
	    strlen(id->task)) : -1;
	if (t >= 0)
		explain(&a, (uint32_t)t);
	else
		explain_run(&a);
	x = forecast_run(&known, sp, &look, t >= 0 ? t : -1, v);
	late_free(&known);
	look_close(&look);
	return x;
}
