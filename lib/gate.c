/* gate: what keeps a task from its turn besides the tasks of its own run. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "gate.h"
#include "io.h"
#include "num.h"
#include "others.h"
#include "trigger.h"

static void
watch(struct gate *g, const char *dir, const char *dag, const char *run,
    const char *name)
{
	if (g->watch)
		buf_fmt(g->watch, "%s%s%s%s%s\t%s\n", dir, *dag ? "/" : "",
		    dag, *run ? "/" : "", run, name);
}

int
gate_each(const struct plan *p, uint32_t task,
    int (*f)(const char *, const char *, void *), void *arg)
{
	char dag[NAME_LEN + 1], name[NAME_LEN + 1];
	struct buf b = BUF_INIT;
	const char *s = plan_get(p, task, "after", &b);
	size_t n, d;
	int x = 0;

	for (; s && *s && x == 0; s += n + strspn(s + n, " ")) {
		n = strcspn(s, " ");
		d = name_other(s, n);
		if (d == 0)
			continue;
		snprintf(dag, sizeof dag, "%.*s", (int)d, s);
		snprintf(name, sizeof name, "%.*s", (int)(n - d - 1),
		    s + d + 1);
		x = f(dag, name, arg);
	}
	buf_free(&b);
	return x;
}

struct seen {
	struct gate *gate;
	unsigned bits;
};

static int
look(const char *dag, const char *task, void *arg)
{
	struct seen *s = arg;
	struct others o;
	enum state state;
	int x;

	x = others_load(&o, s->gate->run->spool, dag, task, s->gate->from,
	    s->gate->to);
	for (size_t i = 0; x == 0 && i < o.n; i++) {
		state = o.list[i].state;
		s->bits |= state == STATE_NONE ? TRIGGER_PENDING :
		    1U << (state - STATE_SUCCESS);
		if (state == STATE_NONE && o.list[i].run)
			watch(s->gate, "runs", dag, o.list[i].run->name,
			    *task ? task : "@");
	}
	if (x == 0 && o.n == 0)
		s->bits |= o.known ? TRIGGER_SKIPPED : TRIGGER_PENDING;
	watch(s->gate, "runs", dag, "", "");
	watch(s->gate, "dags", "", "", dag);
	watch(s->gate, "history", "", "", dag);
	others_free(&o);
	return x;
}

int
gate_others(struct gate *g, uint32_t task)
{
	struct seen s = {g, 0};

	if (!(g->run->plan->task[task].keys & PLAN_OTHERS))
		return 0;
	if (!g->interval && others_interval(g->run, &g->from, &g->to) < 0)
		return -1;
	g->interval = true;
	return gate_each(g->run->plan, task, look, &s) < 0 ? -1 : (int)s.bits;
}

/* has a task of the run before ended, or (good) ended well? 1, 0, -1 */
static int
passed(struct gate *g, const char *task, bool good)
{
	enum state s;

	if (others_state(g->run->spool, g->run->dag, g->before, task, &s) < 0)
		return -1;
	if (good ? s == STATE_SUCCESS || s == STATE_SKIPPED : state_ended(s))
		return 1;
	watch(g, "runs", g->run->dag, g->before, *task ? task : "@");
	return 0;
}

bool
gate_depends(const struct plan *p, uint32_t task)
{
	struct buf b = BUF_INIT;
	const char *v = p->task[task].keys & PLAN_PAST ?
	    plan_get(p, task, "depends-on-past", &b) : NULL;
	bool yes = v && strcmp(v, "yes") == 0;

	buf_free(&b);
	return yes;
}

static int
pipeline(const struct plan *p)
{
	struct buf b = BUF_INIT;
	const char *v = plan_dag_get(p, "pipeline", &b);
	int64_t n = 0;

	if (v && num_parse(v, 1, 3, &n) < 0)
		n = 0;
	buf_free(&b);
	return (int)n;
}

int
gate_past(struct gate *g, uint32_t task)
{
	const struct plan *p = g->run->plan;
	const struct graph *graph = &p->graph;
	int line = p->keys & PLAN_PIPELINE ? pipeline(p) : 0, x = 1;
	char name[TASK_LEN + 1];
	bool past = gate_depends(p, task);

	if (!line && !past)
		return 1;
	if (!g->looked && others_before(g->run, g->before) < 0)
		return -1;
	g->looked = true;
	if (!g->before[0])
		return 1;
	plan_name(p, task, name);
	if (past)
		x = passed(g, name, true);
	if (x == 1 && line)
		x = passed(g, line == 3 ? "" : name, false);
	for (uint32_t e = graph->downat[task]; x == 1 && line == 2 &&
	    e < graph->downat[task + 1]; e++)
		x = passed(g, plan_name(p, graph->down[e], name), false);
	return x;
}

int
gate_child(struct gate *g, uint32_t task, struct instance in)
{
	struct spool *sp = g->run->spool;
	struct child c;
	enum state s;
	int x = child_of(g->run, task, in, &c);

	if (x <= 0)
		return x < 0 ? -1 : 1;
	if (c.over || (c.until && c.until <= clock_seconds()))
		return 1;
	if (c.until && (!sp->alarm || c.until < sp->alarm))
		sp->alarm = c.until;
	if (others_state(sp, c.dag, c.run, "", &s) < 0)
		return -1;
	watch(g, "runs", c.dag, c.run, "@");
	watch(g, "runs", c.dag, "", c.run);
	return s != STATE_NONE;
}

int
gate_note(struct gate *g)
{
	char file[FILE_LEN], path[FILE_LEN * 2];
	int fd;

	snprintf(file, sizeof file, "%s@%s", g->run->dag, g->run->name);
	if (!g->closed) {
		gate_forget(g->run->spool, file);
		return 0;
	}
	snprintf(path, sizeof path, "gates/%s", file);
	fd = io_open(g->run->spool->fd, path, O_WRONLY | O_CREAT, 0600);
	/* a spool that was made before there were such */
	if (fd < 0 && errno == ENOENT &&
	    mkdirat(g->run->spool->fd, "gates", 0700) == 0)
		fd = io_open(g->run->spool->fd, path, O_WRONLY | O_CREAT, 0600);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

void
gate_forget(struct spool *sp, const char *file)
{
	int dir = io_open(sp->fd, "gates", O_RDONLY | O_DIRECTORY, 0), e;

	e = errno;
	if (dir >= 0) {
		unlinkat(dir, file, 0);
		close(dir);
	}
	errno = e;
}
