/* finish: an attempt that was claimed: run, judged, recorded. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"
#include "cause.h"
#include "cgroup.h"
#include "deadline.h"
#include "fence.h"
#include "holders.h"
#include "io.h"
#include "limit.h"
#include "logtail.h"
#include "made.h"
#include "notify.h"
#include "num.h"
#include "outdir.h"
#include "rec.h"
#include "retry.h"
#include "spawn.h"

enum {
	MARKER_MAX = 64 << 20,
	EXIT_SKIPPED = 99,
	EXIT_NOT_YET = 75,	/* EX_TEMPFAIL, sysexits.h */
};

static void
put_attempt(struct buf *b, unsigned n)
{
	rec_putf(b, "attempt", "%u", n);
}

static int
write_start(struct attempt *a, pid_t pid, const struct cgroup *group,
    const char *cause)
{
	static char host[64];
	struct buf b = BUF_INIT;
	int x;

	if (!host[0] && gethostname(host, sizeof host - 1) < 0)
		snprintf(host, sizeof host, "localhost");
	put_attempt(&b, a->n);
	rec_put(&b, "host", host);
	if (pid > 0)
		rec_putf(&b, "pid", "%ld", (long)pid);
	if (a->run->spool->batch)
		rec_put(&b, "batch", a->run->spool->batch);
	if (cause)
		rec_put(&b, "cause", cause);
	if (pid > 0 && group->path[0])
		rec_put(&b, "cgroup", group->path);
	x = marker_add(a->fd, "start", &b, NULL);
	buf_free(&b);
	if (x > 0)
		a->written += x;
	return x;
}

int
attempt_start(struct attempt *a)
{
	return write_start(a, -1, NULL, NULL) < 0 ? -1 : 0;
}

/* has somebody asked, in the marker, that this attempt be killed? */
static bool
was_killed(struct attempt *a)
{
	struct buf text = BUF_INIT;
	struct marker_sum sum;
	struct stat st;
	bool killed = false;

	if (fstat(a->fd, &st) < 0 || st.st_size == a->written)
		return false;
	if (lseek(a->fd, 0, SEEK_SET) == 0 &&
	    buf_read(&text, a->fd, MARKER_MAX) == 0) {
		marker_sum(buf_cstr(&text), &sum);
		killed = sum.killed;
	}
	buf_free(&text);
	return killed;
}

/* may an attempt that failed so be tried again? */
static bool
may_retry(struct attempt *a, const struct ended *end)
{
	struct cause c = {.timeout = end->timed_out, .code = -1};
	struct buf b = BUF_INIT;
	const char *list;
	bool may;

	if (a->before.spent + !a->look >= attempt_limit(a->run, a->task))
		return false;
	if (WIFSIGNALED(end->status))
		c.signal = WTERMSIG(end->status);
	else
		c.code = WEXITSTATUS(end->status);
	list = plan_get(a->run->plan, a->task, "retry-on", &b);
	may = !list || cause_in(&c, list);
	buf_free(&b);
	return may;
}

/* what the end of its process means; unmade: its outputs are not there */
static const char *
judge(struct attempt *a, const struct ended *end, const struct limit *l,
    bool killed, bool unmade, struct outcome *o)
{
	struct buf b = BUF_INIT;
	bool sensor = plan_get(a->run->plan, a->task, "poke", &b) != NULL;
	int code = WIFEXITED(end->status) ? WEXITSTATUS(end->status) : -1;
	const char *reason = NULL;

	buf_free(&b);
	*o = (struct outcome){STATE_FAILED, 0};
	if (killed)
		reason = "killed";
	else if (end->timed_out && limit_over(l, clock_seconds())) {
		o->state = l->then;
		return l->reason;
	} else if (end->timed_out)
		reason = "timeout";
	else if (unmade)
		reason = "output";
	else if (code == 0)
		o->state = STATE_SUCCESS;
	else if (code == EXIT_SKIPPED)
		o->state = STATE_SKIPPED;
	else if (code == EXIT_NOT_YET && sensor) {
		if (poke_at(a, &o->at, &o->state)) {
			o->state = STATE_READY;
			return "poke";
		}
		return "give-up";
	}
	if (o->state == STATE_FAILED && !reason)
		reason = end->want;
	if (o->state == STATE_FAILED && !killed && may_retry(a, end)) {
		o->at = retry_at(a);
		if (limit_over(l, o->at ? o->at : clock_seconds())) {
			o->state = l->then;
			return l->reason;
		}
		o->state = STATE_READY;
	}
	return reason;
}

static void
put_seconds(struct buf *b, const char *key, struct timeval t)
{
	rec_putf(b, key, "%ld.%03ld", (long)t.tv_sec, (long)t.tv_usec / 1000);
}

static void
put_usage(struct buf *b, const struct ended *end)
{
	if (WIFSIGNALED(end->status))
		rec_putf(b, "signal", "%s",
		    sigabbrev_np(WTERMSIG(end->status)));
	else
		rec_putf(b, "exit", "%d", WEXITSTATUS(end->status));
	rec_putf(b, "wall", "%.3f", end->wall);
	put_seconds(b, "user", end->usage.ru_utime);
	put_seconds(b, "sys", end->usage.ru_stime);
	rec_putf(b, "rss", "%ld", end->usage.ru_maxrss);
}

/* the end line: for an attempt that will be retried its state is failed */
static int
write_end(struct attempt *a, const struct ended *end, const struct outcome *o,
    const struct made *m, const char *reason)
{
	struct buf b = BUF_INIT, tail = BUF_INIT;
	bool again = o->state == STATE_READY;
	char at[INSTANT_LEN];
	int x = 0;

	put_attempt(&b, a->n);
	if (!(reason && strcmp(reason, "poke") == 0)) {
		rec_put(&b, "state", state_name(again ? STATE_FAILED :
		    o->state));
		if (!end->never)
			put_usage(&b, end);
		else if (end->wall > 0)
			rec_putf(&b, "wall", "%.3f", end->wall);
		if (m->mark[0] && o->state == STATE_SUCCESS)
			rec_put(&b, "made", m->mark);
		if (reason)
			rec_put(&b, "reason", reason);
		if (o->state != STATE_SUCCESS && o->state != STATE_SKIPPED)
			logtail_put(a->run, a->name, a->n, &tail);
		x = marker_add(a->fd, "end", &b, &tail);
	}
	if (again && x >= 0) {
		buf_reset(&b);
		put_attempt(&b, a->n);
		instant_format(at, o->at ? o->at : clock_seconds(), 0);
		rec_put(&b, "at", at);
		x = marker_event(a->fd, reason && strcmp(reason, "poke") == 0 ?
		    "poke" : "retry", &b, NULL);
	}
	buf_free(&b);
	buf_free(&tail);
	return x;
}

/* what is at that path in the run; nothing, if it is not ours to read */
static int
sync_one(const struct attempt *a, const char *path, bool dir)
{
	int fd = dir ? io_open(a->run->fd, path, O_RDONLY | O_DIRECTORY, 0) :
	    io_open_file(a->run->fd, path, O_RDONLY, 0), x;

	if (fd < 0)
		return 0;
	x = spool_sync(a->run->spool, fd);
	close(fd);
	return x;
}

static int
sync_values(struct attempt *a)
{
	char file[TASK_LEN + 8];
	struct stat st;

	if (a->run->spool->durable && outdir_wanted(a->run->plan, a->task) &&
	    outdir_sync(a->run, a->name) < 0)
		return -1;
	snprintf(file, sizeof file, "out/%s", a->name);
	if (!a->run->spool->durable || io_stat(a->run->fd, file, &st) < 0 ||
	    st.st_size == 0)
		return 0;
	/* its bytes, then its name */
	return sync_one(a, file, false) < 0 ? -1 : sync_one(a, "out", true);
}

/* a full disk does not keep a task from ending */
static int
tell(struct attempt *a, const struct ended *end, const struct outcome *o,
    const char *reason)
{
	bool signal = !end->never && WIFSIGNALED(end->status);
	struct notify n = {.attempt = a->n, .state = o->state};
	char code[16];

	if (!end->never && signal)
		n.exit = sigabbrev_np(WTERMSIG(end->status));
	snprintf(code, sizeof code, "%d", WEXITSTATUS(end->status));
	if (!end->never && !signal)
		n.exit = code;
	n.cause = reason ? reason : signal ? "signal" : "exit";
	return notify_task(a->run, a->task, &n) < 0 && errno != ENOSPC &&
	    errno != EDQUOT ? -1 : 0;
}

/* the run's own is told by who evaluates it */
static int
tell_deadline(struct attempt *a, const struct limit *l)
{
	struct deadline dl = {l->end, l->then == STATE_SKIPPED ?
	    DEADLINE_SKIP : DEADLINE_FAIL, l->reason};

	return strncmp(l->reason, "run-", 4) == 0 ? 0 :
	    deadline_passed(a->run, a->name, &dl);
}

int
attempt_record(struct attempt *a, const struct ended *end,
    const struct limit *l, const struct made *m, struct outcome *o)
{
	const char *reason = "up to date";

	*o = (struct outcome){STATE_SUCCESS, 0};
	if (!m->nothing)
		reason = judge(a, end, l, was_killed(a), m->unmade, o);
	if (!(reason && strcmp(reason, "poke") == 0) &&
	    tell(a, end, o, reason) < 0)
		return -1;
	if (write_end(a, end, o, m, reason) < 0 ||
	    (reason && reason == l->reason && deadline_final(reason) &&
	    !a->before.late && tell_deadline(a, l) < 0))
		return -1;
	if (o->state == STATE_READY && marker_due(a->fd, o->at) < 0)
		return -1;
	if (o->state == STATE_SUCCESS && sync_values(a) < 0)
		return -1;
	return task_move(a->run, a->name, (struct instance){STATE_RUNNING,
	    a->n}, (struct instance){o->state, 0});
}

/* the process could not be started: its log says why, as a shell's would */
static void
no_start(struct attempt *a, struct buf *why, struct ended *end)
{
	*end = (struct ended){.status = 127 << 8};
	buf_ch(why, '\n');
	if (!why->err && write_all(a->log, why->p, why->n) < 0) {
		/* the marker still says exit 127 */
	}
}

/* its time was up: what it started elsewhere goes with it */
static void
end_tree(struct attempt *a, const struct cgroup *group)
{
	struct holders h;

	if (holders_of(&h, a->run, a->name, a->n, a->fd, NULL) < 0)
		return;
	memcpy(h.cgroup, group->path, sizeof h.cgroup);
	if (holders_end(&h) < 0) {
		/* the log and the marker say that it was late */
	}
}

/* is it the machine that has too little, for now? no fault of the task */
static bool
lacking(int err)
{
	return err == EAGAIN || err == ENOMEM || err == EMFILE ||
	    err == ENFILE || err == ENOSPC || err == EDQUOT;
}

/* has it ended as a success, and nobody wanted it killed? */
static bool
good(struct attempt *a, const struct ended *end)
{
	return !end->timed_out && !end->never && WIFEXITED(end->status) &&
	    WEXITSTATUS(end->status) == 0 && !was_killed(a);
}

/* starts it, and waits for it to end; -1 and errno */
static int
run_it(struct attempt *a, const struct world_run *wr, const struct limit *l,
    struct spawn *s, struct ended *end, struct made *m)
{
	struct cgroup group = {.procs = -1};
	bool lends = a->run->plan->task[a->task].keys & PLAN_USER;
	struct lend lend = {.fd = -1};
	struct buf why = BUF_INIT;
	struct world w = {.lend = lends ? &lend : NULL};
	pid_t pid = -1;
	int x = 0, e;

	if (l->tree)
		cgroup_of(&group, a->fd, a->n);
	s->cgroup = group.procs;
	resource_of(&s->resource, a->run->plan, a->task);
	if (lends && (x = lend_begin(&lend, a->run->plan, a->task, a->fd,
	    &why)) > 0)
		a->written += x;
	if (x >= 0 && beat_begin(&s->beat, a->run, a->task, a->n, a->fd,
	    &a->before) == 0 && world_make(&w, wr, a->run, a->task, a->n,
	    &why) == 0) {
		if (!wr->targets || made_begin(a, &w, m, &why) == 0)
			pid = spawn_start(&w, a->run, a->task, s, &why);
		if (pid < 0)
			spawn_tidy(&w);
	}
	e = errno;
	if (pid < 0 && !m->nothing && lacking(e)) {
		attempt_back(a);
		x = -1;
	} else if ((x = write_start(a, pid, &group, m->cause)) < 0)
		e = errno;
	if (pid > 0) {
		if (spawn_wait(pid, s, end) < 0) {
			x = -1;
			e = errno;
		} else if (end->timed_out)
			end_tree(a, &group);
		else if (!end->want)
			end->want = resource_reason(&s->resource, end->status,
			    pid, s->begun.tv_sec);
		spawn_tidy(&w);
	} else if (x >= 0 && !m->nothing)
		no_start(a, &why, end);
	/* asked once: an answer that changes would be recorded by nobody */
	end->told = x >= 0 && fence_told(a, end);
	if (x >= 0 && ((!end->told && fence_end(a) < 0) || (lends &&
	    pid > 0 && lend_take(&lend, a->run, a->name) < 0))) {
		x = -1;
		e = errno;
	}
	if (x >= 0 && wr->targets && made_end(a, &w, m, good(a, end)) < 0) {
		x = -1;
		e = errno;
	}
	beat_end(s->beat, end->told);
	world_free(&w);
	buf_free(&why);
	lend_end(&lend);
	if (l->tree)
		cgroup_drop(&group);
	errno = e;
	return x;
}

int
attempt_run(struct attempt *a, const struct world_run *wr, int nullfd,
    struct outcome *o)
{
	int keep[1 + POOL_SLOTS], x = 0, e = 0;
	struct ended end = {.never = true};
	struct made made = {0};
	struct buf dir = BUF_INIT;
	struct limit l;
	struct spawn s = {
		.in = nullfd, .out = a->log, .keep = keep,
		.nkeep = 1 + a->pool.n,
	};

	limit_of(&l, a);
	s.timeout = limit_left(&l);
	s.kill_after = l.kill_after;
	s.stop_signal = l.stop_signal;
	keep[0] = a->childfd;
	for (unsigned i = 0; i < a->pool.n; i++)
		keep[1 + i] = a->pool.fd[i];
	fence_scripts(a->run->spool, &dir);
	s.scriptdir = buf_cstr(&dir);
	if (s.timeout >= 0) {
		x = run_it(a, wr, &l, &s, &end, &made);
		e = errno;
	} else
		end.timed_out = true;
	buf_free(&dir);
	/* explicitly: a daemon it left may still have these open */
	io_unlock(a->childfd, 1);
	pool_give(&a->pool);
	if (x >= 0 && end.told && !was_killed(a)) {
		x = -1;
		e = ECANCELED;
	}
	errno = e;
	return x < 0 ? -1 : attempt_record(a, &end, &l, &made, o);
}
