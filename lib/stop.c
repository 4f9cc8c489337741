/* stop: what of a run is not begun any more, since something has failed. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "rec.h"
#include "stop.h"

/* is it what the run's plan has for a failure? */
static bool
wants(const struct run *r, const char *what)
{
	struct buf b = BUF_INIT;
	const char *v = r->plan->keys & PLAN_ON_FAILURE ?
	    plan_dag_get(r->plan, "on-failure", &b) : NULL;
	bool is = v && strcmp(v, what) == 0;

	buf_free(&b);
	return is;
}

/* may it still begin? teardowns are to, whatever becomes of the rest, and who
 * waits for a DAG that it runs has begun; 1, 0, -1 and errno */
static int
pending(const struct run *r, uint32_t task, struct instance in)
{
	struct child c;
	int x;

	if (r->plan->task[task].keys & PLAN_TEARDOWN || (in.state !=
	    STATE_WAITING && in.state != STATE_HELD && in.state != STATE_READY))
		return 0;
	x = child_of(r, task, in, &c);
	return x < 0 ? -1 : !x;
}

/* has it failed, and does that count? */
static bool
failed(const struct plan *p, uint32_t task, enum state s)
{
	return !(p->task[task].keys & PLAN_TEARDOWN) && s == STATE_FAILED;
}

/* fails a task that does not run; what is ready is held first, so that it is
 * not claimed meanwhile */
static int
stop_task(struct run *r, const char *task, struct instance *in)
{
	static const struct instance held = {STATE_HELD, 0},
	    ended = {STATE_FAILED, 0};
	struct buf b = BUF_INIT;
	int fd, x;

	if (in->state == STATE_READY) {
		if (task_move(r, task, *in, held) < 0)
			return errno == ENOENT ? 0 : -1;
		*in = held;
	}
	fd = marker_open(r, task, *in, O_RDWR | O_APPEND);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	rec_put(&b, "reason", "on-failure");
	x = marker_event(fd, "stop", &b, NULL) < 0 ? -1 : marker_due(fd, 0);
	close(fd);
	buf_free(&b);
	if (x == 0 && (x = task_move(r, task, *in, ended)) == 0)
		*in = ended;
	return x;
}

int
stop_judge(struct run *r, struct instance *inst, const bool *open)
{
	const struct plan *p = r->plan;
	char name[TASK_LEN + 1];
	int x = 0;

	r->stopped = false;
	if (!wants(r, "finish-running") && !wants(r, "cancel"))
		return 0;
	for (uint32_t t = 0; t < p->n && !r->stopped; t++)
		r->stopped = failed(p, t, inst[t].state) &&
		    !(open && p->again[t] && open[p->again[t] - 1]);
	if (r->stopped && spool_sync(r->spool, r->fd) < 0)
		return -1;
	for (uint32_t t = 0; t < p->n && r->stopped && x == 0; t++)
		if ((x = pending(r, t, inst[t])) > 0)
			x = stop_task(r, plan_name(p, t, name), &inst[t]);
	return x;
}

bool
stop_cancels(const struct run *r)
{
	return r->stopped && wants(r, "cancel");
}
