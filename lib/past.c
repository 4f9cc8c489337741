/* past: what a DAG's history says of its runs, each in a line's worth. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hist.h"
#include "past.h"

/*
 * A run's lines come in one piece: its instances, then itself; a task's
 * attempts one after the other, the last says how it ended. A run that ended
 * again (a rerun) comes again, whole.
 */
struct reader {
	struct past *past;
	struct past_run now;	/* being read */
	char task[TASK_LEN + 1];
	enum state state;	/* of task, so far */
};

static void
close_task(struct reader *in)
{
	if (in->task[0] && in->state >= 0) {
		in->now.count[in->state]++;
		in->now.tasks++;
	}
	in->task[0] = '\0';
}

/* does the line's ID begin with this run? else another one begins */
static const char *
within(struct reader *in, const char *id)
{
	const char *run = strchr(id, '/'), *end;
	size_t n;

	if (!run++)
		return NULL;
	end = strchr(run, '/');
	n = end ? (size_t)(end - run) : strlen(run);
	if (n == 0 || n > RUN_LEN)
		return NULL;
	if (strncmp(in->now.name, run, n) || in->now.name[n]) {
		in->now = (struct past_run){ .state = RUN_NONE };
		in->task[0] = '\0';
		memcpy(in->now.name, run, n);
	}
	return end ? end + 1 : "";
}

static void
instance(struct reader *in, const struct rec *r)
{
	const char *task = within(in, r->id), *state = rec_get(r, "state");
	const char *start = rec_get(r, "start");

	if (!task || !*task || strlen(task) > TASK_LEN || !state)
		return;
	if (strcmp(in->task, task) != 0)
		close_task(in);
	snprintf(in->task, sizeof in->task, "%s", task);
	in->state = strcmp(state, "lost") == 0 ? STATE_FAILED :
	    state_parse(state, strlen(state));
	/* all are UTC with the same number of digits: text sorts as time */
	if (start && *start && (!in->now.start[0] ||
	    strcmp(start, in->now.start) < 0))
		snprintf(in->now.start, sizeof in->now.start, "%s", start);
}

static int
run(struct reader *in, const struct rec *r)
{
	const char *state = rec_get(r, "state"), *v;
	struct past *p = in->past;
	struct past_run *more;

	if (!within(in, r->id))
		return 0;
	close_task(in);
	if (state && strcmp(state, "success") == 0)
		in->now.state = RUN_SUCCESS;
	else if (state && strcmp(state, "failed") == 0)
		in->now.state = RUN_FAILED;
	if ((v = rec_get(r, "end")))
		snprintf(in->now.end, sizeof in->now.end, "%s", v);
	if ((v = rec_get(r, "start")))
		snprintf(in->now.start, sizeof in->now.start, "%s", v);
	if ((v = rec_get(r, "cause")))
		snprintf(in->now.cause, sizeof in->now.cause, "%s", v);
	if (p->n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 256;
		more = realloc(p->run, p->cap * sizeof *more);
		if (!more)
			return -1;
		p->run = more;
	}
	p->run[p->n++] = in->now;
	in->now = (struct past_run){ .state = RUN_NONE };
	return 0;
}

static int
line(const struct rec *r, void *arg)
{
	if (strcmp(r->kind, "instance") == 0)
		instance(arg, r);
	else if (strcmp(r->kind, "run") == 0)
		return run(arg, r);
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct past_run *)a)->name,
	    ((const struct past_run *)b)->name);
}

/* as by_name; of those of one name, what came later is later */
static int
in_order(const void *a, const void *b)
{
	const struct past_run *x = a, *y = b;
	int c = by_name(a, b);

	return c ? c : strcmp(x->end, y->end);
}

int
past_load(struct spool *sp, const char *dag, struct past *p)
{
	struct reader in = { .past = p };
	size_t kept = 0;

	*p = (struct past){NULL, 0, 0};
	if (hist_each(sp, dag, line, &in) < 0) {
		past_free(p);
		return -1;
	}
	if (p->n)
		qsort(p->run, p->n, sizeof *p->run, in_order);
	for (size_t i = 0; i < p->n; i++)
		if (i + 1 == p->n || by_name(&p->run[i], &p->run[i + 1]))
			p->run[kept++] = p->run[i];
	p->n = kept;
	return 0;
}

const struct past_run *
past_find(const struct past *p, const char *name)
{
	struct past_run key = {0};

	snprintf(key.name, sizeof key.name, "%s", name);
	return p->n ? bsearch(&key, p->run, p->n, sizeof key, by_name) : NULL;
}

void
past_free(struct past *p)
{
	free(p->run);
	*p = (struct past){NULL, 0, 0};
}
