/* settle: what follows from tasks that ended: synced together, released. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval.h"
#include "planmap.h"
#include "settle.h"
#include "verdict.h"

enum { PART = 64 };	/* tasks that are released at a time */

/* the run of a task, as it is now; NULL and errno, EBUSY: commit first */
static struct kept *
run_of(struct settle *s, const char *dag, const char *name)
{
	struct kept *k = kept_get(&s->runs, dag, name);

	if (!k || run_in_place(&k->run) > 0)
		return k;
	/* the one that we have open is no more what its name says */
	kept_drop(k);
	return kept_get(&s->runs, dag, name);
}

static int
remember(struct settle *s, const char *file, enum state state)
{
	size_t cap = s->cap ? 2 * s->cap : 64;
	struct ended_task *grown;

	if (s->n == s->cap) {
		grown = realloc(s->list, cap * sizeof *grown);
		if (!grown)
			return -1;
		s->list = grown;
		s->cap = cap;
	}
	memcpy(s->list[s->n].file, file, strlen(file) + 1);
	s->list[s->n++].state = state;
	return 0;
}

/* where a task is in the order of claims */
static struct ready_task
in_order(const struct run *r, uint32_t task)
{
	struct ready_task t = {0};

	run_name_parse(r->name, &t.time, NULL, NULL);
	ready_order(&t, r->plan, task);
	t.priority = (int32_t)plan_number(r->plan, task, "priority", 0);
	return t;
}

/* may others become ready by it though it does not run? */
static bool
may_skip(const struct plan *p, uint32_t task)
{
	return p->task[task].when != 0 && p->graph.downat[task] <
	    p->graph.downat[task + 1];
}

/* of what may follow, in those bytes of a list, the first to be claimed */
static void
choose(struct settle *s, const struct run *r, const struct buf *list,
    size_t from, size_t to)
{
	struct ready_task t;
	uint32_t task;

	for (size_t i = from; i < to; i += sizeof task) {
		memcpy(&task, list->p + i, sizeof task);
		t = in_order(r, task);
		/* an instance is where its task is, not its number */
		s->uneven |= planmap_instance(r->plan, task) || (s->next &&
		    t.priority != s->first.priority);
		if (may_skip(r->plan, task))
			t.priority = INT32_MAX;
		if (!s->next || ready_before(&t, &s->first))
			s->first = t;
		s->next = true;
	}
}

bool
settle_urgent(const struct settle *s, const struct ready *r)
{
	return s->next && ready_first(r, &s->first);
}

/* the run and the number of a task whose end concerns only what comes after
 * it; NULL: it is none, or it cannot be told */
static struct kept *
locate(struct settle *s, const char *file, uint32_t *task)
{
	char dag[NAME_LEN + 1], name[RUN_LEN + 1], id[TASK_LEN + 1];
	struct kept *k;
	int64_t n;

	if (queue_parse(file, dag, name, id) < 0 ||
	    !(k = kept_get(&s->runs, dag, name)) ||
	    (n = plan_find(k->run.plan, id, strlen(id))) < 0 ||
	    eval_wide(&k->run, (uint32_t)n))
		return NULL;
	*task = (uint32_t)n;
	return k;
}

int
settle_first(struct settle *s, const char *file, struct ready_task *first)
{
	const struct graph *g;
	struct ready_task down;
	struct kept *k;
	uint32_t task, e;

	k = locate(s, file, &task);
	if (!k)
		return -1;
	g = &k->run.plan->graph;
	for (e = g->downat[task]; e < g->downat[task + 1]; e++) {
		if (may_skip(k->run.plan, g->down[e]))
			return -1;
		down = in_order(&k->run, g->down[e]);
		if (e == g->downat[task] || ready_before(&down, first))
			*first = down;
	}
	return (int)(e - g->downat[task] < 2 ? e - g->downat[task] : 2);
}

/* may it be claimed by whoever is there, as soon as it is ready? */
static bool
plain(const struct plan *p, uint32_t task)
{
	char engine[NAME_LEN + 1];

	return !planmap_instance(p, task) && !plan_has(p, task, "pool") &&
	    !verdict_engine(p, task, engine);
}

bool
settle_follower(struct settle *s, const char *file, struct ready_task *next)
{
	char name[TASK_LEN + 1], marker[FILE_LEN];
	struct buf may = BUF_INIT;
	struct kept *k;
	uint32_t task;
	bool one;

	k = locate(s, file, &task);
	if (!k)
		return false;
	one = eval_would(&k->run, task, &may) == 0 && may.n == sizeof task;
	if (one)
		memcpy(&task, may.p, sizeof task);
	buf_free(&may);
	if (!one || !plain(k->run.plan, task))
		return false;
	queue_file(marker, k->run.dag, k->run.name, plan_name(k->run.plan,
	    task, name));
	*next = in_order(&k->run, task);
	next->file = strdup(marker);
	return next->file != NULL;
}

int
settle_add(struct settle *s, const char *file, enum state state)
{
	char dag[NAME_LEN + 1], name[RUN_LEN + 1], task[TASK_LEN + 1];
	struct kept *k;
	size_t at;
	int64_t t;

	if (queue_parse(file, dag, name, task) < 0) {
		errno = EINVAL;
		return -1;
	}
	k = run_of(s, dag, name);
	/* ended, and archived already: nothing follows */
	if (!k && errno == ENOENT)
		return remember(s, file, state);
	if (!k || remember(s, file, state) < 0)
		return -1;
	k->dirty = true;
	/* it may be an instance that another has made */
	if (run_fresh(&k->run) < 0)
		return -1;
	if (state == STATE_READY || state == STATE_WAITING ||
	    (t = plan_find(k->run.plan, task, strlen(task))) < 0)
		return 0;
	at = k->next.n;
	if (eval_next(&k->run, (uint32_t)t, state, &k->next) < 0)
		return -1;
	choose(s, &k->run, &k->next, at, k->next.n);
	return 0;
}

/* what is new joins the rest */
static int
join(struct kept *k)
{
	if (k->at > 0)
		memmove(k->rest.p, k->rest.p + k->at, k->rest.n - k->at);
	k->rest.n -= k->at;
	k->at = 0;
	buf_add(&k->rest, k->next.p, k->next.n);
	buf_reset(&k->next);
	if (k->rest.err) {
		errno = k->rest.err;
		return -1;
	}
	eval_sort(&k->rest);
	return 0;
}

/* a part of the rest; as eval_release */
static int
release_part(const struct settle *s, struct kept *k)
{
	size_t n = (k->rest.n - k->at) / sizeof(uint32_t), from = k->at;

	if (n > PART && !s->uneven)
		n = PART;
	k->at += n * sizeof(uint32_t);
	return eval_release(&k->run, (const uint32_t *)(const void *)
	    (k->rest.p + from), n);
}

/* syncs, and releases what is new, or the first of many, and then a part of
 * the rest; 1: there are more; 0, -1 */
static int
commit_run(struct settle *s, struct kept *k)
{
	size_t n = k->next.n / sizeof(uint32_t);
	int x = 0;

	if (n > PART)
		x = join(k);
	else if (n > 0)
		x = eval_release(&k->run, eval_sort(&k->next), n);
	else if (k->at == k->rest.n)
		x = spool_sync(s->runs.spool, k->run.fd);
	buf_reset(&k->next);
	if (x == 0 && k->at < k->rest.n)
		x = release_part(s, k);
	if (x == 0 && k->at < k->rest.n) {
		choose(s, &k->run, &k->rest, k->at, k->at + sizeof(uint32_t));
		return 1;
	}
	/* it has failed, or all of the run was looked at, or it is done */
	buf_reset(&k->rest);
	k->at = 0;
	k->dirty = false;
	return x < 0 ? -1 : 0;
}

static bool
is_of(const char *file, const struct run *r)
{
	size_t n = strlen(r->dag), m = strlen(r->name);

	return strncmp(file, r->dag, n) == 0 && file[n] == '@' &&
	    strncmp(file + n + 1, r->name, m) == 0 && file[n + 1 + m] == '.';
}

int
settle_commit(struct settle *s, void (*told)(const char *, enum state, void *),
    void *arg)
{
	bool more = false;
	int failed = 0, x;

	s->next = false;
	for (struct kept *k = s->runs.kept; k < s->runs.kept + RUNS_KEPT; k++) {
		if (!k->dirty)
			continue;
		x = commit_run(s, k);
		more |= x > 0;
		if (x >= 0)
			continue;
		failed = errno;
		for (size_t i = 0; i < s->n; i++)
			if (is_of(s->list[i].file, &k->run))
				s->list[i].file[0] = '\0';
	}
	for (size_t i = 0; i < s->n && !more; i++)
		if (s->list[i].file[0])
			told(s->list[i].file, s->list[i].state, arg);
	if (!more) {
		s->n = 0;
		s->uneven = false;
	}
	errno = failed;
	return failed ? -1 : more;
}

void
settle_free(struct settle *s)
{
	kept_free(&s->runs);
	free(s->list);
	s->list = NULL;
	s->n = s->cap = 0;
}
