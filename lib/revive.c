/* revive: a run that would end as failed, tried again from what failed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deadline.h"
#include "revive.h"
#include "io.h"
#include "marker.h"
#include "notify.h"
#include "num.h"
#include "rec.h"
#include "scope.h"

enum { MARKER_MAX = 64 << 20 };

/* how often it, or (unless NULL) that group of it since, was tried again,
 * since a person last did so */
static int
count(const struct run *r, const char *group, int64_t *n)
{
	struct buf text = BUF_INIT;
	struct marker_line l;
	char *rest, name[NAME_LEN + 1];
	bool of;
	int x = io_read(r->fd, "@active", &text, MARKER_MAX);

	*n = 0;
	rest = x < 0 ? NULL : buf_cstr(&text);
	while (rest && marker_next(&rest, &l)) {
		of = marker_field(&l, "group", name, sizeof name);
		if (strcmp(l.event, "rerun") == 0 || (group && !of &&
		    strcmp(l.event, "retry") == 0))
			*n = 0;
		else if (strcmp(l.event, "retry") == 0 && (group ?
		    strcmp(name, group) == 0 : !of))
			++*n;
	}
	buf_free(&text);
	return x;
}

/* appends an event to a file of the run: a marker, or @active */
static int
say(int fd, const char *event, const char *group, int64_t n)
{
	struct buf b = BUF_INIT;
	int x;

	if (group)
		rec_put(&b, "group", group);
	if (n > 0)
		rec_putf(&b, group ? "group-retry" : "run-retry", "%lld",
		    (long long)n);
	x = marker_event(fd, event, &b, NULL);
	buf_free(&b);
	return x < 0 ? -1 : 0;
}

static int
say_active(const struct run *r, const char *event, const char *group,
    int64_t n)
{
	int fd = io_open(r->fd, "@active", O_RDWR | O_APPEND, 0), x;
	struct timespec times[2];
	struct stat st;

	if (fd < 0)
		return -1;
	/* its mtime says that it is of a backfill: admit.h */
	x = fstat(fd, &st) < 0 ? -1 : say(fd, event, group, n);
	if (x == 0) {
		times[0] = st.st_atim;
		times[1] = st.st_mtim;
		x = futimens(fd, times);
	}
	close(fd);
	return x;
}

int
revive_fresh(const struct run *r)
{
	return say_active(r, "rerun", NULL, 0);
}

int
revive_lift(const struct run *r)
{
	return r->plan->keys & PLAN_DEADLINES ? revive_fresh(r) : 0;
}

/* has a person ended it, or may it run once only? 1, 0, -1 */
static int
final(const struct run *r, uint32_t task, struct instance in)
{
	struct buf b = BUF_INIT;
	char name[TASK_LEN + 1];
	struct marker_sum sum;
	int fd, x = plan_yes(r->plan, task, "once");

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

/* a task that has ended waits again */
static int
revive(struct run *r, uint32_t task, struct instance in, const char *group,
    int64_t n)
{
	char name[TASK_LEN + 1];
	int fd, x;

	fd = marker_open(r, plan_name(r->plan, task, name), in,
	    O_RDWR | O_APPEND);
	if (fd < 0)
		return -1;
	x = in.state != STATE_UPSTREAM_FAILED ?
	    say(fd, "rerun", group, n) : 0;
	if (x == 0)
		x = marker_due(fd, 0);
	close(fd);
	return x < 0 ? -1 : task_move(r, name, in,
	    (struct instance){STATE_WAITING, 0});
}

/* the setups and teardowns around what is tried again: they did well */
static int
set_up_again(struct run *r, const struct instance *inst, int64_t n)
{
	const struct plan *p = r->plan;
	bool *chosen = calloc(p->n, sizeof *chosen);
	int x = chosen ? 0 : -1;

	for (uint32_t t = 0; x == 0 && t < p->n; t++)
		chosen[t] = inst[t].state == STATE_FAILED ||
		    inst[t].state == STATE_UPSTREAM_FAILED;
	if (x == 0)
		x = scope_add(p, chosen);
	for (uint32_t t = 0; x == 0 && t < p->n; t++)
		if (chosen[t] && (inst[t].state == STATE_SUCCESS ||
		    inst[t].state == STATE_SKIPPED))
			x = revive(r, t, inst[t], NULL, n);
	free(chosen);
	return x;
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
	if (count(r, NULL, &n) < 0)
		return -1;
	for (uint32_t t = 0; t < r->plan->n && x == 0 && n < max; t++)
		if (inst[t].state == STATE_FAILED) {
			x = final(r, t, inst[t]);
			failed++;
		}
	if (x != 0 || failed == 0 || n >= max)
		return x < 0 ? -1 : 0;
	x = notify_run(r, RUN_ACTIVE, inst, (unsigned)n + 1);
	/* what comes after something waits before that does: until all do, a
	 * look at them finds only what has failed */
	x = set_up_again(r, inst, n + 1);
	for (uint32_t t = 0; t < r->plan->n && x == 0; t++)
		if (inst[t].state == STATE_UPSTREAM_FAILED)
			x = revive(r, t, inst[t], NULL, n + 1);
	for (uint32_t t = 0; t < r->plan->n && x == 0; t++)
		if (inst[t].state == STATE_FAILED)
			x = revive(r, t, inst[t], NULL, n + 1);
	if (x == 0)
		x = say_active(r, "retry", NULL, n + 1);
	return x < 0 ? -1 : 1;
}

/* what there is to know of a group, to say whether it starts again */
struct group {
	uint32_t first;		/* its first task */
	bool open;		/* a task has not ended */
	bool failed;		/* a last one has failed */
	bool own;		/* one has failed itself */
	bool final;		/* one that may not be tried again */
};

/* does another task of its group come after it? */
static bool
inner(const struct plan *p, uint32_t t)
{
	uint32_t down;

	for (uint32_t e = p->graph.downat[t]; e < p->graph.downat[t + 1];
	    e++) {
		down = p->graph.down[e];
		if (p->again[down] == p->again[t] &&
		    !(p->task[down].keys & PLAN_TEARDOWN))
			return true;
	}
	return p->task[t].keys & PLAN_TEARDOWN;
}

static int
look(struct run *r, const struct instance *inst, struct group *group)
{
	const struct plan *p = r->plan;
	struct group *g;
	int x = 0;

	for (uint32_t t = p->n; t-- > 0;) {
		if (p->again[t] == 0)
			continue;
		g = &group[p->again[t] - 1];
		g->first = t;
		g->open |= !state_ended(inst[t].state);
		g->own |= inst[t].state == STATE_FAILED;
		g->failed |= (inst[t].state == STATE_FAILED ||
		    inst[t].state == STATE_UPSTREAM_FAILED) && !inner(p, t);
	}
	for (uint32_t t = 0; t < p->n && x >= 0; t++) {
		if (p->again[t] == 0 || inst[t].state != STATE_FAILED)
			continue;
		g = &group[p->again[t] - 1];
		if (!g->open && (x = final(r, t, inst[t])) > 0)
			g->final = true;
	}
	return x < 0 ? -1 : 0;
}

/* starts a group again, if it is not spent: upstream first, so that an
 * interruption leaves what has failed for the next look; 1, 0, -1 */
static int
start_again(struct run *r, uint32_t id, uint32_t first, struct instance *inst)
{
	int64_t max = plan_number(r->plan, first, "group-retries", 0), n;
	struct buf b = BUF_INIT;
	const char *name = plan_get(r->plan, first, "group", &b);
	uint32_t *order = graph_order(&r->plan->graph), t;
	int x = name && order ? count(r, name, &n) : -1;

	if (x == 0 && n < max) {
		for (uint32_t i = 0; i < r->plan->n && x == 0; i++) {
			t = order[i];
			if (r->plan->again[t] != id)
				continue;
			x = revive(r, t, inst[t], name, n + 1);
			inst[t] = (struct instance){STATE_WAITING, 0};
		}
		if (x == 0)
			x = say_active(r, "retry", name, n + 1) < 0 ? -1 : 1;
	}
	buf_free(&b);
	free(order);
	return x;
}

int
revive_groups(struct run *r, struct instance *inst, bool *open)
{
	struct group *group = calloc(r->plan->nagain, sizeof *group), *g;
	int x = group ? look(r, inst, group) : -1;

	for (uint32_t i = 0; i < r->plan->nagain && x >= 0; i++) {
		g = &group[i];
		open[i] = g->open;
		if (g->open || !g->failed || !g->own || g->final)
			continue;
		x = start_again(r, i + 1, g->first, inst);
		open[i] = x > 0;
	}
	free(group);
	return x < 0 ? -1 : 0;
}
