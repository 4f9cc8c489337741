/* child: the run of another DAG that a task waits for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "rec.h"
#include "runfile.h"
#include "value.h"
#include "who.h"

enum { MARKER_MAX = 64 << 20 };

bool
child_in(const struct marker_sum *sum, struct child *c)
{
	size_t n = strcspn(sum->child, "/");

	if (!sum->poking || !sum->child[n] || n > NAME_LEN ||
	    strlen(sum->child + n + 1) > RUN_LEN)
		return false;
	snprintf(c->dag, sizeof c->dag, "%.*s", (int)n, sum->child);
	snprintf(c->run, sizeof c->run, "%s", sum->child + n + 1);
	c->over = sum->killed || sum->late;
	return true;
}

/* when its attempt, or all of them, has to be over by itself */
static int64_t
until(const struct run *r, uint32_t task, const struct marker_sum *sum)
{
	int64_t limit = plan_duration(r->plan, task, "timeout", 0);
	int64_t first, start, give_up, at = 0;
	struct buf b = BUF_INIT;
	const char *v;
	bool skip;

	/* a second begun counts: never early */
	if (limit && instant_parse(sum->start, &start, NULL) == 0)
		at = start + 1 + limit;
	v = plan_get(r->plan, task, "give-up", &b);
	if (v && give_up_parse(v, &give_up, &skip) == 0 &&
	    instant_parse(sum->first, &first, NULL) == 0 &&
	    (!at || first + 1 + give_up < at))
		at = first + 1 + give_up;
	buf_free(&b);
	return at;
}

int
child_of(const struct run *r, uint32_t task, struct instance in,
    struct child *c)
{
	struct buf text = BUF_INIT;
	char name[TASK_LEN + 1];
	struct marker_sum sum;
	int fd, x;

	if (!(r->plan->task[task].keys & PLAN_SUB) || (in.state !=
	    STATE_WAITING && in.state != STATE_READY &&
	    in.state != STATE_RUNNING))
		return 0;
	fd = marker_open(r, plan_name(r->plan, task, name), in, O_RDONLY);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	x = buf_read(&text, fd, MARKER_MAX);
	close(fd);
	if (x == 0) {
		marker_sum(buf_cstr(&text), &sum);
		x = child_in(&sum, c);
		c->until = x ? until(r, task, &sum) : 0;
	}
	buf_free(&text);
	return x;
}

bool
child_begun(const struct run *r, uint32_t task, struct instance in, bool over)
{
	struct child c;

	return child_of(r, task, in, &c) > 0 && c.over == over;
}

/* the task that a run was made for, "" if for none; 0, or -1 and errno */
static int
parent(struct spool *sp, const char *dag, const char *name, struct buf *id)
{
	struct runfile file;
	const char *v;
	int x = runfile_open(&file, sp, dag, name);

	buf_reset(id);
	if ((v = rec_get(&file.rec, "parent")))
		buf_str(id, v);
	runfile_free(&file);
	return x < 0 && !run_damaged(errno) ? -1 : 0;
}

int
child_ours(const struct run *r, const char *task, const struct child *c)
{
	char id[NAME_LEN + RUN_LEN + TASK_LEN + 3];
	struct buf of = BUF_INIT;
	int x = parent(r->spool, c->dag, c->run, &of);

	snprintf(id, sizeof id, "%s/%s/%s", r->dag, r->name, task);
	if (x == 0)
		x = strcmp(buf_cstr(&of), id) == 0;
	buf_free(&of);
	return x;
}

bool
child_within(struct spool *sp, const char *dag, const char *run,
    const char *topdag, const char *toprun)
{
	enum { DEEP = 100 };
	char at[NAME_LEN + 1], name[RUN_LEN + 1];
	struct buf of = BUF_INIT;
	bool is = false;
	size_t n, m;

	snprintf(at, sizeof at, "%s", dag);
	snprintf(name, sizeof name, "%s", run);
	for (int i = 0; i < DEEP; i++) {
		is = strcmp(at, topdag) == 0 && strcmp(name, toprun) == 0;
		if (is || parent(sp, at, name, &of) < 0)
			break;
		n = strcspn(buf_cstr(&of), "/");
		m = of.p[n] ? strcspn(of.p + n + 1, "/") : 0;
		if (m == 0 || n > NAME_LEN || m > RUN_LEN)
			break;
		snprintf(at, sizeof at, "%.*s", (int)n, of.p);
		snprintf(name, sizeof name, "%.*s", (int)m, of.p + n + 1);
	}
	buf_free(&of);
	return is;
}

int
child_kill(const struct run *r, uint32_t task, struct instance in,
    const char *note)
{
	const char *user = who_acts();
	struct buf b = BUF_INIT;
	char name[TASK_LEN + 1];
	struct child c;
	int x = child_of(r, task, in, &c), fd;

	if (x <= 0)
		return x;
	fd = marker_open(r, plan_name(r->plan, task, name), in,
	    O_RDWR | O_APPEND);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	rec_put(&b, "user", user);
	if (note)
		rec_put(&b, "note", note);
	/* due at once still */
	x = marker_event(fd, "kill", &b, NULL) <= 0 ||
	    marker_due(fd, 0) < 0 ? -1 : 1;
	close(fd);
	buf_free(&b);
	return x;
}
