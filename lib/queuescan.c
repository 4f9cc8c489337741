/* queuescan: what an executor sees of the spool: queue/ and its changes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admit.h"
#include "child.h"
#include "eval.h"
#include "hash.h"
#include "known.h"
#include "queuescan.h"
#include "verdict.h"

enum {	/* seconds from one look at all to the next, when something fails */
	AGAIN_MOST = 60,
	DRAIN_MOST = 16,	/* and then no more */
};

void
queue_error(struct executor *x, const char *what, int error)
{
	x->trouble(what, error == EBADMSG ? "damaged: dagq --check says how" :
	    strerror(error), x->arg);
	if (error == EIO || x->spool->broken)
		x->error = error;
	queue_again(x, error);
}

void
queue_again(struct executor *x, int error)
{
	if (x->again_at)
		return;
	/* who drains does not wait for ever */
	if (x->drain && x->again_in >= DRAIN_MOST)
		x->error = error;
	x->again_in = x->again_in ? 2 * x->again_in : 1;
	if (x->again_in > AGAIN_MOST)
		x->again_in = AGAIN_MOST;
	x->again_at = clock_seconds() + x->again_in;
}

bool
queue_paused(struct executor *x, const char *dag)
{
	struct paused *p;
	struct known k;

	if (x->only_run)
		return false;
	for (size_t i = 0; i < x->npaused; i++)
		if (strcmp(x->paused[i].dag, dag) == 0)
			return x->paused[i].is;
	p = realloc(x->paused, (x->npaused + 1) * sizeof *p);
	if (p)
		x->paused = p;
	if (!p || (known_dag(&k, x->spool, dag) < 0 && !run_damaged(errno))) {
		if (p)
			known_free(&k);
		/* it may be: nothing of it is run until that is known */
		queue_error(x, dag, errno);
		return true;
	}
	p += x->npaused++;
	snprintf(p->dag, sizeof p->dag, "%s", dag);
	p->is = k.paused;
	known_free(&k);
	return p->is;
}

static void
forget_pauses(struct executor *x)
{
	x->npaused = 0;
	x->repaused = true;
}

/* the run of a marker, open, with its plan; most often the same as before */
static struct run *
run_of(struct executor *x, const char *dag, const char *name)
{
	struct stat st;

	if (x->last.fd >= 0 && strcmp(x->last.name, name) == 0 &&
	    strcmp(x->last.dag, dag) == 0)
		return &x->last;
	run_close(&x->last);
	if (run_open(x->spool, dag, name, &x->last) < 0)
		return NULL;
	if (run_plan(&x->last, NULL) < 0) {
		run_close(&x->last);
		return NULL;
	}
	x->last_backfill = fstatat(x->last.fd, "@active", &st,
	    AT_SYMLINK_NOFOLLOW) == 0 && st.st_mtim.tv_sec == ADMIT_BEHIND;
	return &x->last;
}

void
queue_refuse(struct executor *x, const char *file)
{
	char *copy = strdup(file);

	if (copy && nameset_add(&x->bad, copy) <= 0)
		free(copy);
}

void
queue_forgive(struct executor *x)
{
	for (size_t i = 0; i < x->bad.size; i++)
		free((char *)x->bad.slot[i]);
	nameset_free(&x->bad);
}

static bool
with_us(struct executor *x, const char *file)
{
	struct offered *o;
	struct slot *s;
	unsigned n;

	if (!nameset_has(&x->handed, file))
		return false;
	for (s = x->slot; s < x->slot + x->nslot; s++)
		for (n = 0; s->ahead && n < s->ahead->n; n++) {
			o = &s->next[ahead_place(s->ahead, n)];
			o->came |= strcmp(o->task.file, file) == 0;
		}
	return true;
}

/* from when it was evaluated here the deadlines of a run are known */
static void
know_deadlines(struct executor *x, struct run *r)
{
	uint64_t *grown;

	if (!(r->plan->keys & PLAN_DEADLINES))
		return;
	for (size_t i = 0; i < x->ndated; i++)
		if (x->dated[i] == r->ino)
			return;
	grown = realloc(x->dated, (x->ndated + 1) * sizeof *grown);
	if (grown) {
		x->dated = grown;
		grown[x->ndated++] = r->ino;
	}
	if (eval_run(r) < 0 && !run_damaged(errno))
		queue_error(x, r->dag, errno);
}

/* a marker of nothing that we know; there may be a million of them */
static void
stray(struct executor *x, const char *file)
{
	uint64_t h = hash_add(HASH_EMPTY, file, strlen(file));
	unsigned i = 0;

	queue_refuse(x, file);
	/* it is looked at again and again, and told once */
	while (i < x->strays && x->stray[i] != h)
		i++;
	if (i < x->strays || i > STRAYS)
		return;
	if (i < STRAYS)
		x->trouble(file, "it has no run, or no task there: dagq "
		    "--check", x->arg);
	else
		x->trouble("queue", "there are more without a run, or a task: "
		    "dagq --check", x->arg);
	x->stray[x->strays++] = h;
}

static void
add(struct executor *x, const char *file, int64_t not_before, bool arrived)
{
	char dag[NAME_LEN + 1], name[RUN_LEN + 1], task[TASK_LEN + 1],
	    engine[NAME_LEN + 1];
	struct ready_task t = {0};
	struct buf pool = BUF_INIT;
	const char *spec;
	struct stat st;
	struct run *r;
	int64_t n;

	/* one of ours has it: when it is back, that is told */
	if (with_us(x, file) || nameset_has(&x->bad, file) ||
	    queue_parse(file, dag, name, task) < 0)
		return;
	if (x->only_run && (strcmp(dag, x->only_dag) != 0 ||
	    strcmp(name, x->only_run) != 0) && !(x->only_family &&
	    child_within(x->spool, dag, name, x->only_dag, x->only_run)))
		return;
	if (fstatat(x->spool->queue, file, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			queue_error(x, file, errno);
		return;
	}
	if (queue_paused(x, dag))
		return;
	r = run_of(x, dag, name);
	if (!r && !run_damaged(errno)) {
		queue_error(x, file, errno);
		return;
	}
	if (r && run_fresh(r) < 0 && !run_damaged(errno)) {
		queue_error(x, file, errno);
		return;
	}
	n = r ? plan_find(r->plan, task, strlen(task)) : -1;
	if (n < 0) {
		stray(x, file);
		return;
	}
	know_deadlines(x, r);
	if (verdict_engine(r->plan, (uint32_t)n, engine)) {
		launching_add(&x->launching, file, st.st_mtime, arrived);
		return;
	}
	run_name_parse(name, &t.time, NULL, NULL);
	ready_order(&t, r->plan, (uint32_t)n);
	t.priority = (int32_t)plan_number(r->plan, (uint32_t)n, "priority", 0);
	t.due = st.st_mtime > clock_seconds() ? st.st_mtime : 0;
	if (not_before > t.due)
		t.due = not_before;
	spec = plan_get(r->plan, (uint32_t)n, "pool", &pool);
	t.file = strdup(file);
	if (!t.file || ready_add(&x->ready, t, spec ? spec : "", dag,
	    x->last_backfill) < 0)
		x->rescan = true;
	buf_free(&pool);
}

void
queue_add(struct executor *x, const char *file, int64_t not_before)
{
	add(x, file, not_before, false);
}

int
queue_scan(struct executor *x)
{
	struct names files;

	if (names_list(x->spool->queue, ".", &files) < 0)
		return -1;
	launching_scan(&x->launching);
	for (size_t i = 0; i < files.n; i++)
		queue_add(x, files.name[i], 0);
	names_free(&files);
	return 0;
}

/* remembers which directory a watch descriptor stands for */
static int
remember(struct executor *x, int wd, const char *name, bool pool)
{
	struct watched *w;

	for (size_t i = 0; i < x->ndirs; i++)
		if (x->dirs[i].wd == wd)
			return 0;
	w = realloc(x->dirs, (x->ndirs + 1) * sizeof *w);
	if (!w)
		return -1;
	x->dirs = w;
	w += x->ndirs++;
	w->wd = wd;
	w->pool = pool;
	snprintf(w->name, sizeof w->name, "%s", name);
	return 0;
}

static int
watch_each(struct executor *x, const char *in, bool pool)
{
	char path[FILE_LEN];
	struct names names;
	int wd, r = 0;

	if (names_list(x->spool->fd, in, &names) < 0)
		return -1;
	for (size_t i = 0; i < names.n && r == 0; i++) {
		if (!name_ok(names.name[i], strlen(names.name[i])))
			continue;
		/* what is no directory is nothing to watch */
		snprintf(path, sizeof path, "%s/%s/.", in, names.name[i]);
		wd = watch_add(&x->watch, x->spool->fd, path,
		    pool ? WATCH_ATTRIB | WATCH_ARRIVE : WATCH_ARRIVE);
		if (wd < 0)
			r = run_damaged(errno) ? 0 : -1;
		else
			r = remember(x, wd, names.name[i], pool);
	}
	names_free(&names);
	return r;
}

int
queue_watch(struct executor *x)
{
	static const unsigned changed = WATCH_ARRIVE | WATCH_LEAVE;
	int fd = x->spool->fd;

	/* of a spool that was made before there were such */
	if ((mkdirat(fd, "outbox", 0700) < 0 && errno != EEXIST) ||
	    (mkdirat(fd, "gates", 0700) < 0 && errno != EEXIST))
		return -1;
	if ((x->wd_gates = watch_add(&x->watch, fd, "gates",
	    WATCH_ARRIVE)) < 0 ||
	    (x->wd_queue = watch_add(&x->watch, fd, "queue",
	    WATCH_ARRIVE)) < 0 ||
	    (x->wd_runs = watch_add(&x->watch, fd, "runs", WATCH_ARRIVE)) < 0 ||
	    (x->wd_dags = watch_add(&x->watch, fd, "dags", changed)) < 0 ||
	    (x->wd_workers = watch_add(&x->watch, fd, "workers",
	    WATCH_ARRIVE)) < 0 ||
	    (x->wd_pools = watch_add(&x->watch, fd, "pools",
	    WATCH_ARRIVE)) < 0 ||
	    (x->wd_outbox = watch_add(&x->watch, fd, "outbox",
	    WATCH_ARRIVE)) < 0)
		return -1;
	/* what changed before it was watched */
	forget_pauses(x);
	return watch_each(x, "runs", false) < 0 ||
	    watch_each(x, "pools", true) < 0 ? -1 : 0;
}

/*
 * A run has appeared. Who makes runs evaluates them too; only if it is not
 * there any more, it may have died in between.
 */
static void
new_run(struct executor *x, const char *dag, const char *name)
{
	char first[TASK_LEN + 1];
	struct run r, *known;

	if (run_name_parse(name, NULL, NULL, NULL) < 0)
		return;
	known = run_of(x, dag, name);
	if (known)
		know_deadlines(x, known);
	if (known && !x->only_run && !queue_paused(x, dag))
		queue_file(x->came, dag, name, plan_name(known->plan, 0,
		    first));
	if (peers_have(&x->peers, "dagq"))
		return;
	if (eval_admit(x->spool, dag) < 0 ||
	    run_open(x->spool, dag, name, &r) < 0) {
		if (!run_damaged(errno))
			queue_error(x, dag, errno);
		return;
	}
	if (eval_run(&r) < 0 && !run_damaged(errno))
		queue_error(x, dag, errno);
	run_close(&r);
}

static void
dir_event(struct executor *x, const struct watch_event *e)
{
	for (size_t i = 0; i < x->ndirs; i++) {
		if (x->dirs[i].wd != e->wd)
			continue;
		if (e->mask & WATCH_LOST) {
			x->dirs[i] = x->dirs[--x->ndirs];
			return;
		}
		if (x->dirs[i].pool) {
			x->freed++;
			ready_room(&x->ready, x->dirs[i].name);
			launching_left(&x->launching, true);
		} else
			new_run(x, x->dirs[i].name, e->name);
		return;
	}
	/* a run that drained() watches, or the caller's own */
	if (x->event)
		x->event(e, x->arg);
}

void
queue_events(struct executor *x)
{
	struct watch_event e;
	int r;

	while ((r = watch_next(&x->watch, &e)) > 0) {
		gatewatch_event(&x->gates, &e);
		if (e.mask & WATCH_OVERFLOW)
			x->doubt = true;
		else if (e.wd == x->wd_gates)
			x->doubt |= (!x->only_run || x->only_family) &&
			    gatewatch_add(&x->gates, e.name) < 0;
		else if (e.wd == x->wd_queue)
			add(x, e.name, 0, true);
		else if (e.wd == x->wd_runs || e.wd == x->wd_pools)
			/* its directory is watched, then looked through */
			x->doubt |= queue_watch(x) < 0 ||
			    e.wd == x->wd_runs;
		else if (e.wd == x->wd_workers)
			x->doubt |= peers_look(&x->peers, x->spool) < 0;
		else if (e.wd == x->wd_outbox)
			x->post.look = true;
		else if (e.wd == x->wd_dags) {
			forget_pauses(x);
			x->rescan = true;
		} else
			dir_event(x, &e);
	}
	if (r < 0)
		x->doubt = true;
}
