/* metrics: a spool in numbers, as Prometheus reads them from a file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "glance.h"
#include "histback.h"
#include "metrics.h"
#include "notice.h"
#include "pool.h"

static const double bounds[] = {
	0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10800, 21600, 43200,
	86400,
};
enum { BOUNDS = sizeof bounds / sizeof *bounds };

struct spread {
	uint64_t n[BOUNDS + 1];
	double sum;
};

struct sums {
	const char *dag;
	bool paused;
	bool unknown;		/* its history cannot be read */
	uint64_t runs[RUN_STATES], tasks[STATES];
	uint64_t ended[RUN_STATES], attempts[STATES], missed;
	uint64_t due;		/* ready, and not for later */
	double oldest;		/* seconds the first of them is ready */
	int64_t success;	/* milliseconds, or HISTBACK_NEVER */
	struct spread run, task;
	int64_t start, end;	/* of the run that is being read */
};

static void
spread(struct spread *s, double seconds)
{
	size_t i = 0;

	while (i < BOUNDS && seconds > bounds[i])
		i++;
	s->n[i]++;
	s->sum += seconds;
}

static void
close_run(struct sums *s)
{
	if (s->start != HISTBACK_NEVER && s->end >= s->start)
		spread(&s->run, (double)(s->end - s->start) / 1000);
	s->start = s->end = HISTBACK_NEVER;
}

static int
run(const struct histback_run *r, void *arg)
{
	struct sums *s = arg;

	close_run(s);
	s->ended[r->state]++;
	s->end = r->end;
	if (r->state == RUN_SUCCESS && r->end > s->success)
		s->success = r->end;
	return 0;
}

static int
task(const struct histback_task *t, void *arg)
{
	struct sums *s = arg;

	if (t->start != HISTBACK_NEVER && (s->start == HISTBACK_NEVER ||
	    t->start < s->start))
		s->start = t->start;
	if (t->again || !t->ran)
		return 0;
	s->attempts[t->state]++;
	if (t->wall >= 0)
		spread(&s->task, t->wall);
	return 0;
}

static int
missed(const struct histback_missed *m, void *arg)
{
	struct sums *s = arg;

	s->missed += (uint64_t)m->count;
	return 0;
}

/* of what is damaged, damaged is called */
static int
read_dag(struct spool *sp, struct sums *s, void (*damaged)(const char *))
{
	struct histback to = { run, task, missed, s, true };
	struct run_entry *list;
	struct glance g;
	size_t n;

	s->success = s->start = s->end = HISTBACK_NEVER;
	s->paused = notice_paused(sp, s->dag, NULL);
	s->unknown = histback_each(sp, s->dag, &to) < 0;
	if (s->unknown && !run_damaged(errno))
		return -1;
	if (s->unknown)
		damaged(s->dag);
	close_run(s);
	if (spool_runs(sp, s->dag, false, &list, &n) < 0) {
		if (!run_damaged(errno))
			return -1;
		damaged(s->dag);
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		glance(sp, s->dag, list[i].name, &g);
		if (g.state >= 0)
			s->runs[g.state]++;
		for (int k = 0; k < STATES; k++)
			s->tasks[k] += g.count[k];
	}
	free(list);
	return 0;
}

/* what is in queue/ is in no run's directory */
static int
read_queue(struct spool *sp, struct sums *all, size_t n)
{
	char dag[NAME_LEN + 1], name[RUN_LEN + 1], what[TASK_LEN + 1];
	struct timespec now = clock_now();
	struct names files;
	struct stat st;
	double age;
	size_t k;

	if (names_list(sp->fd, "queue", &files) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		if (queue_parse(files.name[i], dag, name, what) < 0 ||
		    fstatat(sp->queue, files.name[i], &st,
		    AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		for (k = 0; k < n && strcmp(all[k].dag, dag) != 0; k++)
			;
		if (k == n)
			continue;
		all[k].tasks[STATE_READY]++;
		if (st.st_mtime > now.tv_sec)
			continue;
		all[k].due++;
		/* ready since it came here, or since its time came */
		age = (double)(now.tv_sec - (st.st_mtime > st.st_ctime ?
		    st.st_mtime : st.st_ctime));
		all[k].oldest = age > all[k].oldest ? age : all[k].oldest;
	}
	names_free(&files);
	return 0;
}

static void
head(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_fmt(b, "# HELP dag_%s %s\n# TYPE dag_%s %s\n", name, help, name,
	    type);
}

static void
put_counts(struct buf *b, const char *name, const char *dag,
    const uint64_t *n, int first, int last, const char *(*state)(int))
{
	for (int i = first; i <= last; i++)
		buf_fmt(b, "dag_%s{dag=\"%s\",state=\"%s\"} %llu\n", name, dag,
		    state(i), (unsigned long long)n[i]);
}

static const char *
run_name(int i)
{
	return run_state_name((enum run_state)i);
}

static const char *
task_name(int i)
{
	return state_name((enum state)i);
}

static void
put_spread(struct buf *b, const char *name, const char *dag,
    const struct spread *s)
{
	uint64_t n = 0;

	for (int i = 0; i < BOUNDS; i++) {
		n += s->n[i];
		buf_fmt(b, "dag_%s_bucket{dag=\"%s\",le=\"%g\"} %llu\n", name,
		    dag, bounds[i], (unsigned long long)n);
	}
	n += s->n[BOUNDS];
	buf_fmt(b, "dag_%s_bucket{dag=\"%s\",le=\"+Inf\"} %llu\n"
	    "dag_%s_sum{dag=\"%s\"} %.3f\ndag_%s_count{dag=\"%s\"} %llu\n",
	    name, dag, (unsigned long long)n, name, dag, s->sum, name, dag,
	    (unsigned long long)n);
}

static void
put_now(struct buf *b, const struct sums *s, size_t n)
{
	head(b, "runs", "gauge", "Runs that are not archived, by state.");
	for (size_t i = 0; i < n; i++)
		put_counts(b, "runs", s[i].dag, s[i].runs, 0, RUN_STATES - 1,
		    run_name);
	head(b, "tasks", "gauge", "Tasks of runs that are not archived, by "
	    "state.");
	for (size_t i = 0; i < n; i++)
		put_counts(b, "tasks", s[i].dag, s[i].tasks, 0, STATES - 1,
		    task_name);
	head(b, "queue_tasks", "gauge", "Ready tasks that could run now.");
	for (size_t i = 0; i < n; i++)
		buf_fmt(b, "dag_queue_tasks{dag=\"%s\"} %llu\n", s[i].dag,
		    (unsigned long long)s[i].due);
	head(b, "queue_oldest_seconds", "gauge", "How long the first of them "
	    "has been ready.");
	for (size_t i = 0; i < n; i++)
		buf_fmt(b, "dag_queue_oldest_seconds{dag=\"%s\"} %.0f\n",
		    s[i].dag, s[i].oldest);
	head(b, "paused", "gauge", "1 if the DAG is paused.");
	for (size_t i = 0; i < n; i++)
		buf_fmt(b, "dag_paused{dag=\"%s\"} %d\n", s[i].dag,
		    s[i].paused);
}

/* of one whose history cannot be read nothing: a counter does not fall */
static void
put_past(struct buf *b, const struct sums *s, size_t n)
{
	head(b, "last_success_timestamp_seconds", "gauge",
	    "When a run last ended as a success.");
	for (size_t i = 0; i < n; i++)
		if (!s[i].unknown && s[i].success != HISTBACK_NEVER)
			buf_fmt(b, "dag_last_success_timestamp_seconds"
			    "{dag=\"%s\"} %.3f\n", s[i].dag,
			    (double)s[i].success / 1000);
	head(b, "runs_ended_total", "counter", "Runs that have ended; one "
	    "that was run again has ended again.");
	for (size_t i = 0; i < n; i++)
		if (!s[i].unknown)
			put_counts(b, "runs_ended_total", s[i].dag, s[i].ended,
			    RUN_SUCCESS, RUN_FAILED, run_name);
	head(b, "attempts_ended_total", "counter", "Attempts that have ended, "
	    "of runs that have.");
	for (size_t i = 0; i < n; i++)
		if (!s[i].unknown)
			put_counts(b, "attempts_ended_total", s[i].dag,
			    s[i].attempts,
			    STATE_SUCCESS, STATE_SKIPPED, task_name);
	head(b, "missed_slots_total", "counter", "Slots that were passed "
	    "over.");
	for (size_t i = 0; i < n; i++)
		if (!s[i].unknown)
			buf_fmt(b, "dag_missed_slots_total{dag=\"%s\"} %llu\n",
			    s[i].dag, (unsigned long long)s[i].missed);
	head(b, "run_duration_seconds", "histogram", "From a run's first "
	    "start to its end.");
	for (size_t i = 0; i < n; i++)
		if (!s[i].unknown)
			put_spread(b, "run_duration_seconds", s[i].dag,
			    &s[i].run);
	head(b, "attempt_duration_seconds", "histogram", "How long attempts "
	    "took.");
	for (size_t i = 0; i < n; i++)
		if (!s[i].unknown)
			put_spread(b, "attempt_duration_seconds", s[i].dag,
			    &s[i].task);
}

static int
put_pools(struct spool *sp, struct buf *b)
{
	struct names pools;
	unsigned size, used;
	struct buf busy = BUF_INIT;

	if (names_list(sp->fd, "pools", &pools) < 0)
		return -1;
	head(b, "pool_slots", "gauge", "Slots that a pool has.");
	head(&busy, "pool_slots_used", "gauge", "Slots that are taken.");
	for (size_t i = 0; i < pools.n; i++) {
		if (!name_ok(pools.name[i], strlen(pools.name[i])) ||
		    pool_count(sp, pools.name[i], &size, &used) < 0)
			continue;
		buf_fmt(b, "dag_pool_slots{pool=\"%s\"} %u\n", pools.name[i],
		    size);
		buf_fmt(&busy, "dag_pool_slots_used{pool=\"%s\"} %u\n",
		    pools.name[i], used);
	}
	buf_str(b, buf_cstr(&busy));
	buf_free(&busy);
	names_free(&pools);
	return 0;
}

int
metrics_put(struct spool *sp, struct buf *b, void (*damaged)(const char *))
{
	struct names dags;
	struct sums *all;
	int x = 0, e;

	if (spool_dags(sp, &dags) < 0)
		return -1;
	all = calloc(dags.n + 1, sizeof *all);
	x = all ? 0 : -1;
	for (size_t i = 0; i < dags.n && x == 0; i++) {
		all[i].dag = dags.name[i];
		x = read_dag(sp, &all[i], damaged);
	}
	if (x == 0 && (x = read_queue(sp, all, dags.n)) == 0) {
		head(b, "served", "gauge", "1 if a dagexec serves the spool.");
		buf_fmt(b, "dag_served %d\n", notice_served(sp));
		put_now(b, all, dags.n);
		put_past(b, all, dags.n);
		x = put_pools(sp, b);
	}
	e = errno;
	free(all);
	names_free(&dags);
	errno = e;
	return x < 0 || b->err ? -1 : 0;
}
