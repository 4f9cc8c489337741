/* kill: ends a running attempt, whole, and waits for that. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cause.h"
#include "child.h"
#include "holders.h"
#include "instant.h"
#include "io.h"
#include "kill.h"
#include "marker.h"
#include "rec.h"
#include "who.h"

enum { MARKER_MAX = 64 << 20, STEP = 20, PATIENCE = 10000,
	HEARD = 10000,		/* ms until it is read elsewhere, beat.c */
	AT_ONCE = 64 };

/* an attempt that is being ended */
struct victim {
	struct holders holders;
	int fd;			/* its marker */
	int sig;		/* to be sent yet, or 0 */
	int64_t until;		/* ms; then it is killed for good */
	bool *killed;		/* told when it is, or NULL */
	/* of one whose supervisor, perhaps on another machine, reads in the
	 * marker that it is to be killed, the name of that; else "" */
	const struct run *run;
	char file[FILE_LEN];
};

/* has its supervisor let go of it? looks for at most ms */
static bool
gone_within(const struct victim *v, int64_t ms)
{
	for (;;) {
		if (v->file[0] ? io_exists(v->run->fd, v->file) == 0 :
		    io_locked(v->fd, 0) != 1)
			return true;
		if (ms <= 0)
			return false;
		poll(NULL, 0, STEP);
		ms -= STEP;
	}
}

/* how the plan says that it is stopped */
static int
stop_signal(const struct run *r, uint32_t task)
{
	struct buf b = BUF_INIT;
	const char *v = plan_get(r->plan, task, "stop-signal", &b);
	int sig = v ? cause_signal(v) : 0;

	buf_free(&b);
	return sig ? sig : SIGTERM;
}

/* a task that was only claimed has no process yet that hears the signal */
static void
tell(struct victim *v)
{
	if (v->sig == 0 || holders_signal(&v->holders, v->sig) == 0)
		return;
	v->sig = 0;
	holders_signal(&v->holders, SIGCONT);
}

static int
end_it(struct victim *v)
{
	int64_t left;

	while (v->sig && (left = v->until - clock_steady()) > 0) {
		if (gone_within(v, left < STEP ? left : STEP))
			break;
		tell(v);
	}
	if (!gone_within(v, v->until - clock_steady())) {
		holders_signal(&v->holders, SIGKILL);
		if (!gone_within(v, PATIENCE)) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
	/* what has left its group may have outlived its end */
	return holders_end(&v->holders);
}

/* 1, 0 it does not run, -1 */
static int
write_kill(struct victim *v, struct run *r, uint32_t task, unsigned n,
    const struct marker_sum *sum, const struct buf *line)
{
	bool heard = r->spool->shared && sum->attempt == n;
	bool again = sum->killed && sum->victim == n;
	char name[TASK_LEN + 1];

	plan_name(r->plan, task, name);
	/* what an engine has started may be locked where we do not see it */
	if (!(heard && sum->batch[0]) && io_locked(v->fd, 0) != 1)
		return 0;
	if (!again && marker_event(v->fd, "kill", line, NULL) <= 0)
		return -1;
	v->run = r;
	v->sig = heard || again ? 0 : stop_signal(r, task);
	if (heard) {
		v->until += HEARD;
		marker_file(v->file, name, (struct instance){STATE_RUNNING,
		    n});
	}
	return holders_of(&v->holders, r, name, n, v->fd, sum) < 0 ? -1 : 1;
}

/* says so in the marker, unless another has and has sent the signal; 1, 0 it
 * does not run, -1 */
static int
open_victim(struct victim *v, struct run *r, uint32_t task, unsigned n,
    const char *note)
{
	struct buf b = BUF_INIT, text = BUF_INIT;
	const char *user = who_acts();
	char name[TASK_LEN + 1];
	struct marker_sum sum;
	int x = -1;

	v->fd = marker_open(r, plan_name(r->plan, task, name),
	    (struct instance){STATE_RUNNING, n}, O_RDWR | O_APPEND);
	if (v->fd < 0)
		return errno == ENOENT ? 0 : -1;
	rec_putf(&b, "attempt", "%u", n);
	rec_put(&b, "user", user);
	if (note)
		rec_put(&b, "note", note);
	v->until = clock_steady() +
	    1000 * plan_duration(r->plan, task, "kill-after", 10);
	if (buf_read(&text, v->fd, MARKER_MAX) == 0) {
		marker_sum(buf_cstr(&text), &sum);
		x = write_kill(v, r, task, n, &sum, &b);
	}
	buf_free(&b);
	buf_free(&text);
	return x;
}

/* begins to end an attempt; 1, 0 it does not run, -1 */
static int
aim(struct victim *v, struct run *r, uint32_t task, unsigned n,
    const char *note)
{
	int x, e;

	*v = (struct victim){.fd = -1};
	x = open_victim(v, r, task, n, note);
	if (x > 0)
		tell(v);
	else if (v->fd >= 0) {
		e = errno;
		close(v->fd);
		errno = e;
	}
	return x;
}

/* waits for the ends of those; -1 and errno of one that goes on */
static int
finish(struct victim *v, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n; i++) {
		if (end_it(&v[i]) < 0)
			err = errno;
		else if (v[i].killed)
			*v[i].killed = true;
		close(v[i].fd);
	}
	errno = err;
	return err ? -1 : 0;
}

int
kill_attempt(struct run *r, uint32_t task, unsigned n, const char *note)
{
	struct victim v;
	int x = aim(&v, r, task, n, note);

	return x > 0 && finish(&v, 1) < 0 ? -1 : x;
}

/* of the tasks that run, those that are chosen, or all but teardowns, and what
 * waits for a run of its own: first all are told, then it is waited for them */
static int
kill_several(struct run *r, const bool *chosen, bool *killed,
    const char *note)
{
	struct instance *inst = malloc(r->plan->n * sizeof *inst);
	struct victim *v = malloc(AT_ONCE * sizeof *v);
	int x = !inst || !v || run_states(r, inst) < 0 ? -1 : 0;
	size_t n = 0;

	for (uint32_t t = 0; t < r->plan->n && x >= 0; t++) {
		if (chosen ? !chosen[t] :
		    r->plan->task[t].keys & PLAN_TEARDOWN)
			continue;
		if (inst[t].state == STATE_RUNNING) {
			x = aim(&v[n], r, t, inst[t].attempt, note);
			v[n].killed = killed ? &killed[t] : NULL;
			n += x > 0;
		} else if (!chosen)
			x = child_kill(r, t, inst[t], note);
		if (n == AT_ONCE && x >= 0) {
			x = finish(v, n);
			n = 0;
		}
	}
	if (n > 0 && finish(v, n) < 0)
		x = -1;
	free(v);
	free(inst);
	return x < 0 ? -1 : 0;
}

int
kill_chosen(struct run *r, const bool *chosen, bool *killed, const char *note)
{
	return kill_several(r, chosen, killed, note);
}

int
kill_running(struct run *r, const char *note)
{
	return kill_several(r, NULL, NULL, note);
}
