/* statscene: what dagstat --watch looks at, and no more than is seen of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statscene.h"

/* what comes to, and goes from, a directory */
enum { NAMES = WATCH_ARRIVE | WATCH_LEAVE };

static int
look_out(struct scene *s, const char *path, unsigned mask)
{
	int wd = watch_add(&s->watch, s->spool->fd, path, mask);

	/* what is not there yet is no fault: its parent is watched */
	if (wd < 0 && errno != ENOENT && errno != ENOTDIR)
		s->blind = true;
	return wd;
}

int
scene_open(struct scene *s, struct spool *sp, const struct ids *only)
{
	*s = (struct scene){ .spool = sp, .only = only, .run_wd = -1,
	    .log_wd = -1, .stale_dags = true, .stale_queue = true,
	    .stale_facts = true, .stale_pools = true };
	if (watch_open(&s->watch) < 0)
		return -1;
	s->queue_wd = look_out(s, "queue", NAMES);
	s->runs_wd = look_out(s, "runs", NAMES);
	s->workers_wd = look_out(s, "workers", NAMES);
	s->dags_wd = look_out(s, "dags", NAMES);
	return 0;
}

static void
free_dags(struct scene_dag *dag, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(dag[i].run);
	free(dag);
}

void
scene_close(struct scene *s)
{
	scene_drop_run(s);
	free_dags(s->dag, s->dags);
	free(s->all);
	free(s->run);
	names_free(&s->queue);
	buf_free(&s->pools);
	buf_free(&s->log);
	watch_close(&s->watch);
}

static bool
wanted(const struct scene *s, const char *dag)
{
	for (size_t i = 0; s->only && i < s->only->n; i++)
		if (strcmp(s->only->id[i].dag, dag) == 0)
			return true;
	return !s->only;
}

/* the DAGs there are, those known before with what is known of them */
static int
list_dags(struct scene *s)
{
	struct names names;
	struct scene_dag *dag, *d;
	char path[NAME_LEN + 16];
	size_t n = 0, old = 0;

	if (spool_dags(s->spool, &names) < 0)
		return -1;
	dag = calloc(names.n + 1, sizeof *dag);
	for (size_t i = 0; dag && i < names.n; i++) {
		if (!wanted(s, names.name[i]))
			continue;
		d = &dag[n++];
		*d = (struct scene_dag){ .stale = true };
		snprintf(d->name, sizeof d->name, "%s", names.name[i]);
		/* both are sorted */
		while (old < s->dags && strcmp(s->dag[old].name, d->name) < 0)
			old++;
		if (old < s->dags && strcmp(s->dag[old].name, d->name) == 0) {
			*d = s->dag[old];
			s->dag[old].run = NULL;
		}
		snprintf(path, sizeof path, "runs/%s", d->name);
		d->wd = look_out(s, path, NAMES);
	}
	names_free(&names);
	if (!dag)
		return -1;
	free_dags(s->dag, s->dags);
	s->dag = dag;
	s->dags = n;
	s->stale_dags = false;
	s->stale_runs = true;
	return 0;
}

static int
newest_first(const void *a, const void *b, void *arg)
{
	const struct scene *s = arg;
	const struct scene_run *x = a, *y = b;
	int64_t s1 = s->dag[x->dag].run[x->run].time;
	int64_t s2 = s->dag[y->dag].run[y->run].time;

	if (s1 != s2)
		return s1 > s2 ? -1 : 1;
	return x->dag != y->dag ? (x->dag > y->dag) - (x->dag < y->dag) :
	    (x->run < y->run) - (x->run > y->run);
}

static void
set_id(const struct scene *s, const struct scene_run *r, struct id *id)
{
	*id = (struct id){0};
	snprintf(id->dag, sizeof id->dag, "%s", s->dag[r->dag].name);
	snprintf(id->run, sizeof id->run, "%s",
	    s->dag[r->dag].run[r->run].name);
}

static bool
passes(const struct scene *s, const struct scene_run *r)
{
	const struct scene_list *l = &s->runs;
	struct glance g;
	char text[NAME_LEN + RUN_LEN + 2];

	snprintf(text, sizeof text, "%s/%s", s->dag[r->dag].name,
	    s->dag[r->dag].run[r->run].name);
	if (l->filter[0] && !strstr(text, l->filter))
		return false;
	if (l->only == ONLY_ALL)
		return true;
	glance(s->spool, s->dag[r->dag].name,
	    s->dag[r->dag].run[r->run].name, &g);
	return l->only == ONLY_FAILED ? g.state == RUN_FAILED ||
	    g.count[STATE_FAILED] > 0 : g.state == RUN_ACTIVE ||
	    g.state == RUN_WAITING;
}

/* of all runs those that pass; the one that was chosen stays so */
static void
choose_runs(struct scene *s)
{
	struct id id;
	size_t at = SIZE_MAX;

	s->runs.n = 0;
	for (size_t i = 0; i < s->runs_all; i++) {
		if (!passes(s, &s->all[i]))
			continue;
		set_id(s, &s->all[i], &id);
		if ((s->stay || s->runs.at > 0) &&
		    strcmp(id.run, s->id.run) == 0 &&
		    strcmp(id.dag, s->id.dag) == 0)
			at = s->runs.n;
		s->run[s->runs.n++] = s->all[i];
	}
	if (at != SIZE_MAX)
		s->runs.at = at;
	s->stale_runs = false;
}

static int
list_runs(struct scene *s)
{
	struct scene_run *all, *run;
	size_t n = 0, k = 0;

	for (size_t i = 0; i < s->dags; i++) {
		struct scene_dag *d = &s->dag[i];

		if (d->stale) {
			free(d->run);
			d->run = NULL;
			d->n = 0;
			/* what is no directory there is not ours */
			if (spool_runs(s->spool, d->name, false, &d->run,
			    &d->n) < 0 && errno == ENOMEM)
				return -1;
			d->stale = false;
		}
		n += d->n;
	}
	all = realloc(s->all, (n + 1) * sizeof *all);
	if (all)
		s->all = all;
	run = realloc(s->run, (n + 1) * sizeof *run);
	if (run)
		s->run = run;
	if (!all || !run)
		return -1;
	for (uint32_t i = 0; i < s->dags; i++)
		for (uint32_t j = 0; j < s->dag[i].n; j++)
			s->all[k++] = (struct scene_run){ i, j };
	qsort_r(s->all, n, sizeof *s->all, newest_first, s);
	s->runs_all = n;
	choose_runs(s);
	return 0;
}

static void
see(struct scene *s, struct scene_seen *seen)
{
	struct run r;

	glance(s->spool, seen->id.dag, seen->id.run, &seen->now);
	seen->tasks = seen->now.tasks;
	/* those that are ready are not in the run's directory */
	if (seen->now.state == RUN_ACTIVE &&
	    run_open(s->spool, seen->id.dag, seen->id.run, &r) == 0) {
		if (run_plan(&r, NULL) == 0)
			seen->tasks = r.plan->n;
		run_close(&r);
	}
	seen->stale = false;
}

/* what was known of a run that was seen already, else a look at it */
static struct scene_seen
known(struct scene *s, const struct scene_seen *before, size_t n,
    const struct id *id)
{
	struct scene_seen now = { .id = *id, .stale = true, .wd = -1 };
	char path[NAME_LEN + RUN_LEN + 16];

	for (size_t i = 0; i < n; i++)
		if (strcmp(before[i].id.run, id->run) == 0 &&
		    strcmp(before[i].id.dag, id->dag) == 0)
			return before[i];
	snprintf(path, sizeof path, "runs/%s/%s", id->dag, id->run);
	now.wd = look_out(s, path, NAMES | WATCH_SELF);
	return now;
}

static bool
watched(const struct scene *s, int wd)
{
	for (size_t i = 0; i < s->nseen; i++)
		if (s->seen[i].wd == wd)
			return true;
	return wd == s->run_wd;
}

/* the runs in the window: watched, and looked at if something moved there */
static void
see_runs(struct scene *s, size_t rows)
{
	static struct scene_seen before[SCENE_ROWS];
	size_t n = s->nseen;
	struct id id;

	memcpy(before, s->seen, n * sizeof *before);
	s->nseen = 0;
	for (size_t i = s->runs.top; i < s->runs.n && s->nseen < rows; i++) {
		set_id(s, &s->run[i], &id);
		s->seen[s->nseen++] = known(s, before, n, &id);
	}
	for (size_t i = 0; i < n; i++)
		if (before[i].wd >= 0 && !watched(s, before[i].wd))
			watch_remove(&s->watch, before[i].wd);
	for (size_t i = 0; i < s->nseen; i++)
		if (s->seen[i].stale)
			see(s, &s->seen[i]);
}

void
scene_clamp(struct scene_list *l, size_t rows)
{
	if (l->at >= l->n)
		l->at = l->n ? l->n - 1 : 0;
	if (l->top > l->at || rows == 0)
		l->top = l->at;
	if (rows > 0 && l->at >= l->top + rows)
		l->top = l->at - rows + 1;
	if (rows > 0 && l->n >= rows && l->top > l->n - rows)
		l->top = l->n - rows;
}

/* the run in the chosen line is the one whose tasks are seen */
static int
follow_choice(struct scene *s)
{
	struct id id = {0};

	if (s->runs.n > 0)
		set_id(s, &s->run[s->runs.at], &id);
	if (s->open && strcmp(id.run, s->id.run) == 0 &&
	    strcmp(id.dag, s->id.dag) == 0)
		return 0;
	scene_drop_run(s);
	s->id = id;
	return s->runs.n > 0 ? scene_take_run(s) : 0;
}

int
scene_look(struct scene *s, size_t runs, size_t tasks, size_t log)
{
	if (runs > SCENE_ROWS)
		runs = SCENE_ROWS;
	if (tasks > SCENE_ROWS)
		tasks = SCENE_ROWS;
	if ((s->stale_dags && list_dags(s) < 0) ||
	    (s->stale_runs && list_runs(s) < 0))
		return -1;
	scene_clamp(&s->runs, runs);
	see_runs(s, runs);
	if (follow_choice(s) < 0 || scene_take_tasks(s, tasks) < 0 ||
	    scene_take_log(s, log) < 0)
		return -1;
	return scene_take_facts(s);
}

void
scene_move(struct scene *s, struct scene_list *l, long by)
{
	if (by < 0)
		l->at = l->at > (size_t)-by ? l->at - (size_t)-by : 0;
	else
		l->at += (size_t)by;
	if (l->at >= l->n)
		l->at = l->n ? l->n - 1 : 0;
	s->stale_sums = s->stale_log = true;
	s->log_back = 0;
}

void
scene_filter(struct scene *s, struct scene_list *l)
{
	l->at = l->top = 0;
	if (l == &s->runs)
		s->stale_runs = true;
	else
		s->stale_tasks = true;
	s->stale_log = true;
}

static void
all_stale(struct scene *s)
{
	for (size_t i = 0; i < s->dags; i++)
		s->dag[i].stale = true;
	for (size_t i = 0; i < s->nseen; i++)
		s->seen[i].stale = true;
	s->stale_dags = s->stale_queue = s->stale_log = true;
	s->stale_facts = s->stale_pools = true;
	scene_drop_run(s);
}

static void
event(struct scene *s, const struct watch_event *ev)
{
	bool came = ev->mask & WATCH_ARRIVE;

	if (ev->mask & WATCH_OVERFLOW)
		all_stale(s);
	else if (ev->wd == s->queue_wd) {
		s->stale_queue = s->stale_facts = true;
		if (came)
			scene_arrived(s, ev->name, true);
	} else if (ev->wd == s->runs_wd)
		s->stale_dags = true;
	else if (ev->wd == s->workers_wd || ev->wd == s->dags_wd)
		s->stale_facts = true;
	else if (ev->wd == s->log_wd)
		s->stale_log = true;
	for (size_t i = 0; i < s->nseen; i++)
		if (s->seen[i].wd == ev->wd)
			s->seen[i].stale = true;
	if (ev->wd == s->run_wd && (ev->mask & (WATCH_SELF | WATCH_LOST)))
		scene_drop_run(s);
	else if (ev->wd == s->run_wd && came)
		scene_arrived(s, ev->name, false);
	for (size_t i = 0; i < s->dags; i++)
		if (s->dag[i].wd == ev->wd)
			s->dag[i].stale = s->stale_runs = true;
}

bool
scene_events(struct scene *s)
{
	struct watch_event ev;
	bool some = false;
	int x;

	while ((x = watch_next(&s->watch, &ev)) > 0) {
		event(s, &ev);
		/* locks say nothing: what takes or leaves a slot moves, too */
		some = s->stale_pools = true;
	}
	if (x < 0 || s->spool->shared)
		all_stale(s);
	return some || x < 0 || s->spool->shared;
}
