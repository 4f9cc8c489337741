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
#include "io.h"
#include "kill.h"
#include "marker.h"
#include "rec.h"

enum { MARKER_MAX = 64 << 20, STEP = 20, PATIENCE = 10000 };

/* has its supervisor let go of it? looks for at most ms */
static bool
gone_within(int fd, int64_t ms)
{
	for (;;) {
		if (io_locked(fd, 0) != 1)
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

/* sends the signal, to whoever is there to hear it by then: a task that was
 * only claimed has no process yet; has it ended in that time? */
static bool
tell(const struct holders *h, int fd, int sig, int64_t *ms)
{
	for (; holders_signal(h, sig) == 0 && *ms > 0; *ms -= STEP)
		if (gone_within(fd, STEP))
			return true;
	holders_signal(h, SIGCONT);
	return false;
}

/* without a signal: another has sent it */
static int
end_it(const struct holders *h, int fd, int sig, int64_t kill_after)
{
	int64_t ms = kill_after * 1000;

	if (!(sig && tell(h, fd, sig, &ms)) && !gone_within(fd, ms)) {
		holders_signal(h, SIGKILL);
		if (!gone_within(fd, PATIENCE)) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
	/* what has left its group may have outlived its end */
	return holders_end(h) < 0 ? -1 : 1;
}

int
kill_attempt(struct run *r, uint32_t task, unsigned n, const char *note)
{
	struct instance in = {STATE_RUNNING, n};
	struct buf b = BUF_INIT, text = BUF_INIT;
	const char *user = getenv("LOGNAME");
	char name[TASK_LEN + 1];
	struct marker_sum sum;
	struct holders h;
	bool again = false;
	int fd, x = -1, e;

	fd = marker_open(r, plan_name(r->plan, task, name), in,
	    O_RDWR | O_APPEND);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (io_locked(fd, 0) != 1) {
		close(fd);
		return 0;
	}
	rec_putf(&b, "attempt", "%u", n);
	if (user)
		rec_put(&b, "user", user);
	if (note)
		rec_put(&b, "note", note);
	if (buf_read(&text, fd, MARKER_MAX) == 0) {
		marker_sum(buf_cstr(&text), &sum);
		again = sum.killed && sum.victim == n;
		if (again || marker_event(fd, "kill", &b, NULL) > 0)
			x = holders_of(&h, r, name, n, fd, &sum);
	}
	if (x == 0)
		x = end_it(&h, fd, again ? 0 : stop_signal(r, task),
		    plan_duration(r->plan, task, "kill-after", 10));
	e = errno;
	buf_free(&b);
	buf_free(&text);
	close(fd);
	errno = e;
	return x;
}

int
kill_chosen(struct run *r, const bool *chosen, const char *note)
{
	struct instance *inst = malloc(r->plan->n * sizeof *inst);
	int x = !inst || run_states(r, inst) < 0 ? -1 : 0;

	for (uint32_t t = 0; x >= 0 && t < r->plan->n; t++)
		if (chosen[t] && inst[t].state == STATE_RUNNING)
			x = kill_attempt(r, t, inst[t].attempt, note);
	free(inst);
	return x < 0 ? -1 : 0;
}

int
kill_running(struct run *r, const char *note)
{
	struct instance *inst = malloc(r->plan->n * sizeof *inst);
	int x = inst ? run_states(r, inst) : -1;

	for (uint32_t t = 0; t < r->plan->n && x >= 0; t++)
		if (r->plan->task[t].keys & PLAN_TEARDOWN)
			continue;
		else if (inst[t].state == STATE_RUNNING)
			x = kill_attempt(r, t, inst[t].attempt, note);
		else
			x = child_kill(r, t, inst[t], note);
	free(inst);
	return x < 0 ? -1 : 0;
}
