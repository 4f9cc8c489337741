/* revive: a run that would end as failed, tried again from what failed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deadline.h"
#include "revive.h"
#include "io.h"
#include "marker.h"
#include "num.h"
#include "rec.h"

enum { MARKER_MAX = 64 << 20 };

/* how often it was tried again, since a person last did so */
static int
count(const struct run *r, int64_t *n)
{
	struct buf text = BUF_INIT;
	struct marker_line l;
	char *rest;
	int x = io_read(r->fd, "@active", &text, MARKER_MAX);

	*n = 0;
	rest = x < 0 ? NULL : buf_cstr(&text);
	while (rest && marker_next(&rest, &l)) {
		if (strcmp(l.event, "retry") == 0)
			++*n;
		else if (strcmp(l.event, "rerun") == 0)
			*n = 0;
	}
	buf_free(&text);
	return x;
}

/* appends an event to a file of the run: a marker, or @active */
static int
say(int fd, const char *event, int64_t n)
{
	struct buf b = BUF_INIT;
	int x;

	if (n > 0)
		rec_putf(&b, "run-retry", "%lld", (long long)n);
	x = marker_event(fd, event, &b, NULL);
	buf_free(&b);
	return x < 0 ? -1 : 0;
}

static int
say_active(const struct run *r, const char *event, int64_t n)
{
	int fd = io_open(r->fd, "@active", O_WRONLY | O_APPEND, 0), x;

	if (fd < 0)
		return -1;
	x = say(fd, event, n);
	close(fd);
	return x;
}

int
revive_fresh(const struct run *r)
{
	return say_active(r, "rerun", 0);
}

/* has a person ended it, or may it run once only? 1, 0, -1 */
static int
final(const struct run *r, uint32_t task, struct instance in)
{
	struct buf b = BUF_INIT;
	const char *once = plan_get(r->plan, task, "once", &b);
	char name[TASK_LEN + 1];
	struct marker_sum sum;
	int fd, x = once && strcmp(once, "yes") == 0;

	buf_reset(&b);
	fd = x ? -1 : marker_open(r, plan_name(r->plan, task, name), in,
	    O_RDONLY);
	if (fd >= 0) {
		x = buf_read(&b, fd, MARKER_MAX) < 0 ? -1 : 0;
		close(fd);
		marker_sum(buf_cstr(&b), &sum);
		if (x == 0)
			x = sum.killed || strcmp(sum.reason, "marked") == 0 ||
			    deadline_final(sum.reason);
	} else if (x == 0)
		x = -1;
	buf_free(&b);
	return x;
}

/* a failed or upstream-failed task waits again */
static int
revive(struct run *r, uint32_t task, struct instance in, int64_t n)
{
	char name[TASK_LEN + 1];
	int fd, x;

	fd = marker_open(r, plan_name(r->plan, task, name), in,
	    O_RDWR | O_APPEND);
	if (fd < 0)
		return -1;
	x = in.state == STATE_FAILED ? say(fd, "rerun", n) : 0;
	if (x == 0)
		x = marker_due(fd, 0);
	close(fd);
	return x < 0 ? -1 : task_move(r, name, in,
	    (struct instance){STATE_WAITING, 0});
}

int
revive_run(struct run *r, const struct instance *inst)
{
	struct buf b = BUF_INIT;
	const char *v = plan_dag_get(r->plan, "run-retries", &b);
	int64_t max = 0, n = 0;
	unsigned failed = 0;
	int x = 0;

	if (v && num_parse(v, 0, 1000, &max) < 0)
		max = 0;
	buf_free(&b);
	if (max == 0)
		return 0;
	if (count(r, &n) < 0)
		return -1;
	for (uint32_t t = 0; t < r->plan->n && x == 0 && n < max; t++)
		if (inst[t].state == STATE_FAILED) {
			x = final(r, t, inst[t]);
			failed++;
		}
	if (x != 0 || failed == 0 || n >= max)
		return x < 0 ? -1 : 0;
	/* what comes after something waits before that does: until all do, a
	 * look at them finds only what has failed */
	for (uint32_t t = 0; t < r->plan->n && x == 0; t++)
		if (inst[t].state == STATE_UPSTREAM_FAILED)
			x = revive(r, t, inst[t], n + 1);
	for (uint32_t t = 0; t < r->plan->n && x == 0; t++)
		if (inst[t].state == STATE_FAILED)
			x = revive(r, t, inst[t], n + 1);
	if (x == 0)
		x = say_active(r, "retry", n + 1);
	return x < 0 ? -1 : 1;
}
