/* launchgive: what is ready for engines: gathered, put into batches. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "child.h"
#include "known.h"
#include "launchgive.h"
#include "launchlook.h"
#include "launchwords.h"
#include "ready.h"
#include "verdict.h"

enum { POOL_LOOK = 10 };	/* seconds until one is looked at again */

/* a task that is ready for an engine */
struct wanted {
	struct launcher *launcher;
	char *fields;		/* what it asks for: "\tkey=value…" */
	char *pool;		/* the pools that it wants, or NULL */
	unsigned pack;		/* tasks of an element */
	int64_t every;		/* poll=, 0: as the launcher says */
	char *id;		/* DAG/RUN/TASK */
	struct ready_task order;
};

struct gathered {
	struct wanted *w;
	size_t n, cap;
	char dag[NAME_LEN + 1];	/* looked at last: */
	bool paused;
};

/* by what they ask for, then in the order of claims */
static int
compare(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;
	int c = strcmp(x->launcher->engine.name, y->launcher->engine.name);

	if (c == 0)
		c = strcmp(x->fields, y->fields);
	if (c == 0)
		c = (x->pack > y->pack) - (x->pack < y->pack);
	return c ? c : ready_before(&y->order, &x->order) -
	    ready_before(&x->order, &y->order);
}

static void
put_options(struct buf *b, const char *list, struct wanted *w)
{
	struct launchwords l;

	/* a plan has been checked: what is wrong with it is passed over */
	(void)launchwords_parse(&l, list, NULL);
	w->pack = l.pack;
	w->every = l.poll;
	if (l.rest.n > 0)
		rec_put(b, "options", buf_cstr(&l.rest));
	launchwords_free(&l);
}

static int
wants(struct wanted *w, const struct plan *p, uint32_t task)
{
	static const char *const keys[] = {"partition", "cpus", "gpus",
	    "memory", "time", "pool"};
	struct buf b = BUF_INIT, v = BUF_INIT;
	const char *value;

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if ((value = plan_get(p, task, keys[i], &v)))
			rec_put(&b, keys[i], value);
	if ((value = plan_get(p, task, "launch-options", &v)))
		put_options(&b, value, w);
	value = plan_get(p, task, "pool", &v);
	w->pool = value ? strdup(value) : NULL;
	b.err = value && !w->pool ? ENOMEM : b.err;
	w->fields = b.err ? NULL : strdup(buf_cstr(&b));
	buf_free(&b);
	buf_free(&v);
	return w->fields ? 0 : -1;
}

/* 1, 0; -1 and errno: it may be, nothing of it is given until that is known */
static int
is_paused(struct launchgive *g, struct gathered *all, const char *dag)
{
	struct known k;
	int e;

	if (strcmp(all->dag, dag) == 0)
		return all->paused;
	if (known_dag(&k, g->spool, dag) < 0 && !run_damaged(errno)) {
		e = errno;
		known_free(&k);
		errno = e;
		return -1;
	}
	snprintf(all->dag, sizeof all->dag, "%s", dag);
	all->paused = k.paused;
	known_free(&k);
	return all->paused;
}

static struct wanted *
grow(struct gathered *all)
{
	size_t cap = all->cap ? 2 * all->cap : 64;
	struct wanted *grown;

	if (all->n == all->cap) {
		grown = realloc(all->w, cap * sizeof *grown);
		if (!grown)
			return NULL;
		all->w = grown;
		all->cap = cap;
	}
	all->w[all->n] = (struct wanted){.pack = 1};
	return &all->w[all->n];
}

/* is that run one that this step is about? */
static bool
meant(const struct launchgive *g, const char *dag, const char *run)
{
	const struct launch_step *s = g->step;

	return !s->only_run || (strcmp(dag, s->only_dag) == 0 &&
	    strcmp(run, s->only_run) == 0) || (s->only_family &&
	    child_within(g->spool, dag, run, s->only_dag, s->only_run));
}

/* one marker in queue/ */
static int
gather(struct launchgive *g, struct launchlook *l, struct gathered *all,
    const char *file)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1],
	    name[NAME_LEN + 1], id[FILE_LEN];
	struct wanted *w;
	struct stat st;
	int x;

	if (queue_parse(file, dag, run, task) < 0 || !meant(g, dag, run))
		return 0;
	x = g->step->only_run ? 0 : is_paused(g, all, dag);
	if (x != 0)
		return x < 0 ? -1 : 0;
	snprintf(id, sizeof id, "%s/%s/%s", dag, run, task);
	x = launchlook_find(l, id);
	if (x <= 0 || !verdict_engine(l->run.plan, l->number, name) ||
	    g->covered(id, g->arg))
		return x < 0 ? -1 : 0;
	if (fstatat(g->spool->queue, file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (st.st_mtime > clock_seconds()) {
		if (!g->due || st.st_mtime < g->due)
			g->due = st.st_mtime;
		return 0;
	}
	w = grow(all);
	if (!w)
		return -1;
	w->launcher = g->launcher(name, g->arg);
	w->id = strdup(id);
	run_name_parse(run, &w->order.time, NULL, NULL);
	ready_order(&w->order, l->run.plan, l->number);
	w->order.priority = (int32_t)plan_number(l->run.plan, l->number,
	    "priority", 0);
	if (!w->launcher || !w->id || wants(w, l->run.plan, l->number) < 0) {
		free(w->id);
		free(w->fields);
		free(w->pool);
		return -1;
	}
	all->n++;
	return 0;
}

/* what has to wait for a pool is not told of: it is looked at again */
static void
wait_for_pool(struct launchgive *g)
{
	int64_t due = clock_seconds() + POOL_LOOK;

	g->left = true;
	if (!g->due || due < g->due)
		g->due = due;
}

/* how many of those from w on, which want the same, make a batch now; -1 */
static ssize_t
portion(struct launchgive *g, const struct wanted *w, size_t same)
{
	struct launcher *l = w->launcher;
	int64_t all = (int64_t)((same + w->pack - 1) / w->pack), most;

	most = launchpool_room(g->pools, g->spool, w->pool, all);
	if (most < 0)
		return -1;
	if (most < all)
		wait_for_pool(g);
	if (most == 0 || !launcher_caps(l))
		return 0;
	if (l->open >= l->queued) {
		g->left = true;
		return 0;
	}
	if (most > l->queued - l->open)
		most = l->queued - l->open;
	if (most > l->most)
		most = l->most;
	return (ssize_t)(most < all ? (size_t)most * w->pack : same);
}

static int
make(struct launchgive *g, const struct wanted *w, size_t n)
{
	char name[BATCH_LEN];
	struct buf fields = BUF_INIT, tasks = BUF_INIT;
	int x;

	buf_str(&fields, w->fields);
	rec_putf(&fields, "poll", "%lld", (long long)(w->every ? w->every :
	    w->launcher->usual));
	for (size_t i = 0; i < n; i++)
		buf_fmt(&tasks, "%s\n", w[i].id);
	x = batch_make(g->spool, w->launcher->engine.name, &fields, &tasks, n,
	    w->pack, name);
	buf_free(&fields);
	buf_free(&tasks);
	if (x == 0)
		x = launchpool_take(g->pools, g->spool, w->pool,
		    (int64_t)((n + w->pack - 1) / w->pack));
	if (x == 0) {
		w->launcher->open += (unsigned)((n + w->pack - 1) / w->pack);
		x = g->made(name, g->arg);
	}
	return x;
}

static int
make_all(struct launchgive *g, struct gathered *all)
{
	size_t i = 0, same;
	ssize_t n;

	qsort(all->w, all->n, sizeof *all->w, compare);
	while (i < all->n) {
		for (same = 1; i + same < all->n &&
		    all->w[i + same].launcher == all->w[i].launcher &&
		    all->w[i + same].pack == all->w[i].pack &&
		    strcmp(all->w[i + same].fields, all->w[i].fields) == 0;)
			same++;
		n = portion(g, &all->w[i], same);
		if (n < 0 || (n > 0 && make(g, &all->w[i], (size_t)n) < 0))
			return -1;
		i += n ? (size_t)n : same;
	}
	return 0;
}

int
launchgive(struct launchgive *g)
{
	struct gathered all = {0};
	struct launchlook l;
	struct names files;
	int x = 0;

	if (names_list(g->spool->queue, ".", &files) < 0)
		return -1;
	launchlook_begin(&l, g->spool);
	for (size_t i = 0; i < files.n && x == 0; i++)
		x = gather(g, &l, &all, files.name[i]);
	launchlook_end(&l);
	names_free(&files);
	if (x == 0 && all.n > 0)
		x = make_all(g, &all);
	for (size_t i = 0; i < all.n; i++) {
		free(all.w[i].fields);
		free(all.w[i].pool);
		free(all.w[i].id);
	}
	free(all.w);
	return x;
}
