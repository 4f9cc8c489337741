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
#include "holders.h"
#include "io.h"
#include "logtail.h"
#include "made.h"
#include "num.h"
#include "rec.h"
#include "spawn.h"

enum {
	MARKER_MAX = 64 << 20,
	EXIT_SKIPPED = 99,
	EXIT_NOT_YET = 75,	/* EX_TEMPFAIL, sysexits.h */
	KILL_AFTER = 10,
};

static void
put_attempt(struct buf *b, unsigned n)
{
	rec_putf(b, "attempt", "%u", n);
}

static int
write_start(struct attempt *a, pid_t pid, const char *cause)
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
	if (cause)
		rec_put(&b, "cause", cause);
	x = marker_event(a->fd, "start", &b, NULL);
	buf_free(&b);
	if (x > 0)
		a->written += x;
	return x;
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

/* so long from now, or up to a second more: never earlier */
static int64_t
after(int64_t delay)
{
	struct timespec now = clock_now();

	return now.tv_sec + delay + (now.tv_nsec > 0);
}

static int64_t
retry_at(struct attempt *a)
{
	struct buf b = BUF_INIT;
	const char *v = plan_get(a->run->plan, a->task, "retry-delay", &b);
	int64_t delay = 0, most;
	char *dots = v ? strstr(buf_cstr(&b), "..") : NULL;

	if (dots)
		*dots = '\0';
	if (v && dur_parse(v, &delay) == 0 && dots &&
	    dur_parse(dots + 2, &most) == 0) {
		for (unsigned i = 0; i < a->before.spent && delay < most; i++)
			delay *= 2;
		/* at most a tenth more or less, so that many do not come back
		 * at the same instant */
		if (delay >= 10)
			delay += (int64_t)((unsigned)getpid() * 2654435761u %
			    (unsigned)(delay / 5)) - delay / 10;
		if (delay > most)
			delay = most;
	}
	buf_free(&b);
	return delay > 0 ? after(delay) : 0;
}

/* when a sensor looks again; false: it has looked long enough, and then
 * *state says what becomes of it */
static bool
poke_at(struct attempt *a, int64_t *at, enum state *state)
{
	struct buf b = BUF_INIT;
	int64_t give_up = 0, first, every = 60;
	const char *v = plan_get(a->run->plan, a->task, "poke", &b);
	bool up = false;
	char *rest;

	if (v) {
		int64_t most = 0;

		rest = strstr(buf_cstr(&b), "..");
		if (rest) {
			*rest = '\0';
			dur_parse(rest + 2, &most);
		}
		dur_parse(v, &every);
		for (unsigned i = 0; a->look && i < a->before.looks &&
		    every < most; i++)
			every *= 2;
		if (rest && every > most)
			every = most;
	}
	*at = after(every);
	*state = STATE_FAILED;
	v = plan_get(a->run->plan, a->task, "give-up", &b);
	if (v) {
		rest = strpbrk(buf_cstr(&b), " \t");
		if (rest) {
			*rest = '\0';
			if (strstr(rest + 1, "skip"))
				*state = STATE_SKIPPED;
		}
		dur_parse(v, &give_up);
		if (instant_parse(a->before.first, &first, NULL) < 0)
			first = clock_seconds();	/* this one */
		up = clock_seconds() >= first + give_up;
		/* the last look is when the time is up */
		if (*at > first + give_up)
			*at = first + give_up;
	}
	buf_free(&b);
	return !up;
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
judge(struct attempt *a, const struct ended *end, bool killed, bool unmade,
    struct outcome *o)
{
	struct buf b = BUF_INIT;
	bool sensor = plan_get(a->run->plan, a->task, "poke", &b) != NULL;
	int code = WIFEXITED(end->status) ? WEXITSTATUS(end->status) : -1;
	const char *reason = NULL;

	buf_free(&b);
	*o = (struct outcome){STATE_FAILED, 0};
	if (killed)
		reason = "killed";
	else if (end->timed_out)
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
	if (o->state == STATE_FAILED && !killed && may_retry(a, end)) {
		o->state = STATE_READY;
		o->at = retry_at(a);
	}
	return reason;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
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
	rec_putf(b, "user", "%.3f", seconds(end->usage.ru_utime));
	rec_putf(b, "sys", "%.3f", seconds(end->usage.ru_stime));
	rec_putf(b, "rss", "%ld", end->usage.ru_maxrss);
}

/* the end line: for an attempt that will be retried its state is failed */
static int
write_end(struct attempt *a, const struct ended *end, const struct outcome *o,
    const char *mark, const char *reason)
{
	struct buf b = BUF_INIT, tail = BUF_INIT;
	bool again = o->state == STATE_READY;
	char at[INSTANT_LEN];
	int x = 0;

	put_attempt(&b, a->n);
	if (!(reason && strcmp(reason, "poke") == 0)) {
		rec_put(&b, "state", state_name(again ? STATE_FAILED :
		    o->state));
		if (!end->none)
			put_usage(&b, end);
		if (*mark && o->state == STATE_SUCCESS)
			rec_put(&b, "made", mark);
		if (reason)
			rec_put(&b, "reason", reason);
		if (o->state != STATE_SUCCESS && o->state != STATE_SKIPPED)
			logtail_put(a->run, a->name, a->n, &tail);
		x = marker_event(a->fd, "end", &b, &tail);
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

static int
sync_values(struct attempt *a)
{
	char file[TASK_LEN + 8];
	struct stat st;
	int fd, x = 0;

	snprintf(file, sizeof file, "out/%s", a->name);
	if (!a->run->spool->durable || fstatat(a->run->fd, file, &st,
	    AT_SYMLINK_NOFOLLOW) < 0 || st.st_size == 0)
		return 0;
	fd = io_open_file(a->run->fd, file, O_RDONLY, 0);
	if (fd < 0)
		return 0;	/* a link, say: nor are they read */
	x = spool_sync(a->run->spool, fd);
	close(fd);
	return x;
}

static int
record(struct attempt *a, const struct world *w, const struct ended *end,
    const char *mark, struct outcome *o)
{
	bool killed = was_killed(a), good = !killed && !end->timed_out &&
	    WIFEXITED(end->status) && WEXITSTATUS(end->status) == 0;
	const char *reason = "up to date";
	int x = end->none ? 0 : made_end(a, w, good, mark);

	*o = (struct outcome){STATE_SUCCESS, 0};
	if (x < 0)
		return -1;
	if (!end->none || killed)
		reason = judge(a, end, killed, x > 0, o);
	if (write_end(a, end, o, mark, reason) < 0)
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

/* the limits in time of an attempt that has one */
static void
limit(struct attempt *a, struct spawn *s)
{
	const struct plan *p = a->run->plan;
	struct buf b = BUF_INIT;
	const char *v;

	s->timeout = plan_duration(p, a->task, "timeout", 0);
	if (s->timeout == 0)
		return;
	s->kill_after = plan_duration(p, a->task, "kill-after", KILL_AFTER);
	v = plan_get(p, a->task, "stop-signal", &b);
	s->stop_signal = v ? cause_signal(v) : SIGTERM;
	buf_free(&b);
}

/* its time was up: what it started elsewhere goes with it */
static void
end_tree(struct attempt *a)
{
	struct holders h;

	if (holders_of(&h, a->run, a->name, a->n, a->fd, NULL) < 0 ||
	    holders_end(&h) < 0) {
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

int
attempt_run(struct attempt *a, const struct world_run *wr, int nullfd,
    struct outcome *o)
{
	struct run *r = a->run;
	int keep[1 + POOL_SLOTS], x = 0, e;
	struct buf why = BUF_INIT, dir = BUF_INIT;
	char mark[TARGET_MARK] = "";
	const char *cause = NULL;
	struct ended end;
	struct world w;
	pid_t pid = -1;
	int made = 0;
	struct spawn s = {
		.in = nullfd, .out = a->log, .keep = keep,
		.nkeep = 1 + a->pool.n,
	};

	limit(a, &s);
	keep[0] = a->childfd;
	for (unsigned i = 0; i < a->pool.n; i++)
		keep[1 + i] = a->pool.fd[i];
	buf_fmt(&dir, "%s/tmp", r->spool->path);
	s.scriptdir = buf_cstr(&dir);
	if (world_make(&w, wr, r, a->task, a->n, &why) == 0) {
		if (wr->targets)
			made = made_begin(a, &w, mark, &cause, &why);
		if (made == 0)
			pid = spawn_start(&w, r, a->task, &s, &why);
		if (pid < 0)
			spawn_tidy(&w);
	}
	e = errno;
	if (pid < 0 && made <= 0 && lacking(e)) {
		attempt_back(a);
		x = -1;
	} else if (write_start(a, pid, cause) < 0)
		x = -1;
	if (pid > 0) {
		if (spawn_wait(pid, &s, &end) < 0)
			x = -1;
		else if (end.timed_out)
			end_tree(a);
		spawn_tidy(&w);
	} else if (x == 0 && made == 1)
		end = (struct ended){.none = true};
	else if (x == 0)
		no_start(a, &why, &end);
	buf_free(&why);
	buf_free(&dir);
	/* explicitly: a daemon it left may still have these open */
	io_unlock(a->childfd, 1);
	pool_give(&a->pool);
	if (pid < 0)
		errno = e;
	if (x == 0)
		x = record(a, &w, &end, mark, o);
	world_free(&w);
	return x;
}
