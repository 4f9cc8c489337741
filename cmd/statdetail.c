/* statdetail: the chosen run, its tasks, a log; the queue and the pools. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "logs.h"
#include "notice.h"
#include "pool.h"
#include "statscene.h"

enum { LOG_MAX = 1 << 20 };

void
scene_drop_run(struct scene *s)
{
	if (s->run_wd >= 0)
		watch_remove(&s->watch, s->run_wd);
	if (s->log_wd >= 0)
		watch_remove(&s->watch, s->log_wd);
	/* it may have been watched as one that is seen, too */
	for (size_t i = 0; i < s->nseen; i++)
		if (s->run_wd >= 0 && s->seen[i].wd == s->run_wd) {
			s->seen[i].id.run[0] = '\0';
			s->seen[i].wd = -1;
		}
	s->run_wd = s->log_wd = -1;
	if (s->open)
		look_close(&s->look);
	s->open = false;
	free(s->task);
	s->task = NULL;
	s->tasks.n = 0;
}

static void
watch_log(struct scene *s)
{
	if (s->log_wd < 0)
		s->log_wd = watch_add(&s->watch, s->look.run.fd, "log",
		    WATCH_ARRIVE | WATCH_WRITE);
}

int
scene_take_run(struct scene *s)
{
	struct buf why = BUF_INIT;
	int x;

	s->tasks.at = s->tasks.top = 0;
	s->log_back = 0;
	s->stale_tasks = s->stale_log = s->fresh = true;
	/* watch, then look: what comes between is seen twice */
	x = look_open(s->spool, &s->id, &s->look, &why);
	if (x == 0 && !s->look.id.archived) {
		s->run_wd = watch_add(&s->watch, s->look.run.fd, "",
		    WATCH_ARRIVE | WATCH_LEAVE | WATCH_SELF);
		s->blind = s->blind || s->run_wd < 0;
		watch_log(s);
		run_states(&s->look.run, s->look.inst);
	}
	s->open = x == 0;
	buf_free(&why);
	/* one that cannot be read is shown without its tasks */
	if (x < 0 && (errno == ENOMEM || errno == EMFILE))
		return -1;
	s->task = s->open ? calloc(s->look.plan->n + 1, sizeof *s->task) :
	    NULL;
	return s->open && !s->task ? -1 : 0;
}

void
scene_arrived(struct scene *s, const char *file, bool queued)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	struct instance in = { STATE_READY, 0 };
	int64_t t;

	if (!s->open)
		return;
	if (queued && (queue_parse(file, dag, run, task) < 0 ||
	    strcmp(run, s->id.run) != 0 || strcmp(dag, s->id.dag) != 0))
		return;
	if (!queued && file[0] == '@')
		s->look.state = run_state(&s->look.run);
	if (!queued && strcmp(file, "log") == 0)
		watch_log(s);
	if (!queued && marker_parse(file, task, &in) < 0)
		return;
	t = plan_find(s->look.plan, task, strlen(task));
	if (t < 0)
		return;
	s->look.inst[t] = in;
	s->stale_sums = s->stale_log = true;
	if (s->tasks.only != ONLY_ALL)
		s->stale_tasks = true;
}

static bool
passes(const struct scene *s, uint32_t t)
{
	enum state state = s->look.inst[t].state;
	char name[NAME_LEN + 1];

	if (s->tasks.filter[0] && !strstr(plan_name(s->look.plan, t, name),
	    s->tasks.filter))
		return false;
	if (s->tasks.only == ONLY_FAILED)
		return state == STATE_FAILED ||
		    state == STATE_UPSTREAM_FAILED;
	return s->tasks.only == ONLY_ALL || !state_ended(state);
}

/* the first task that failed, else that runs, is what is looked for */
static void
choose_task(struct scene *s)
{
	static const enum state wanted[] = { STATE_FAILED, STATE_RUNNING };

	s->fresh = false;
	for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++)
		for (size_t i = 0; i < s->tasks.n; i++)
			if (s->look.inst[s->task[i]].state == wanted[k]) {
				s->tasks.at = i;
				return;
			}
}

int
scene_take_tasks(struct scene *s, size_t rows)
{
	static size_t top = SIZE_MAX, seen;
	size_t i;

	if (!s->open)
		return 0;
	if (s->stale_tasks) {
		s->tasks.n = 0;
		for (uint32_t t = 0; t < s->look.plan->n; t++)
			if (passes(s, t))
				s->task[s->tasks.n++] = t;
		s->stale_tasks = false;
		s->stale_sums = true;
	}
	if (s->fresh)
		choose_task(s);
	scene_clamp(&s->tasks, rows);
	if (s->stale_sums || top != s->tasks.top || seen != rows)
		for (i = 0; i < rows && s->tasks.top + i < s->tasks.n; i++)
			look_marker(&s->look, s->task[s->tasks.top + i],
			    &s->sum[i]);
	top = s->tasks.top;
	seen = rows;
	s->stale_sums = false;
	return 0;
}

bool
scene_task(const struct scene *s, struct id *id)
{
	*id = s->id;
	if (!s->open || s->tasks.n == 0)
		return false;
	plan_name(s->look.plan, s->task[s->tasks.at], id->task);
	return true;
}

/* no further back than there are lines */
static void
limit_back(struct scene *s, size_t rows)
{
	size_t lines = 0;

	for (const char *p = buf_cstr(&s->log); *p; p += *p == '\n') {
		p += strcspn(p, "\n");
		lines++;
	}
	if (lines < rows + s->log_back)
		s->log_back = lines > rows ? lines - rows : 0;
}

int
scene_take_log(struct scene *s, size_t rows)
{
	static size_t seen;
	struct buf why = BUF_INIT;
	struct id id;
	int fd = -1;

	if (!s->stale_log && rows <= seen)
		return 0;
	buf_reset(&s->log);
	s->log_attempt = 0;
	if (rows > 0 && scene_task(s, &id))
		fd = logs_open(s->spool, &id, &s->log_attempt, &why);
	if (fd >= 0) {
		/* one that is being written may be cut: it is what it is */
		if (logs_tail(fd, rows + s->log_back) == 0)
			buf_read(&s->log, fd, LOG_MAX);
		close(fd);
		limit_back(s, rows);
	} else
		s->log_attempt = 0;
	buf_free(&why);
	seen = rows;
	s->stale_log = false;
	return 0;
}

static int
take_pools(struct scene *s)
{
	struct names pools;
	unsigned size, held;
	char path[FILE_LEN];

	/* before they are read; where it is watched already nothing is done */
	watch_add(&s->watch, s->spool->fd, "pools", WATCH_ARRIVE |
	    WATCH_LEAVE);
	if (names_list(s->spool->fd, "pools", &pools) < 0)
		return -1;
	buf_reset(&s->pools);
	for (size_t i = 0; i < pools.n; i++) {
		snprintf(path, sizeof path, "pools/%s", pools.name[i]);
		watch_add(&s->watch, s->spool->fd, path, WATCH_ARRIVE |
		    WATCH_LEAVE);
		if (pool_count(s->spool, pools.name[i], &size, &held) == 0)
			buf_fmt(&s->pools, "%s\t%u\t%u\n", pools.name[i],
			    held, size);
	}
	names_free(&pools);
	return 0;
}

int
scene_take_facts(struct scene *s)
{
	struct names dags;

	if (s->stale_queue) {
		names_free(&s->queue);
		s->queue = (struct names){0};
		if (names_list(s->spool->fd, "queue", &s->queue) < 0)
			return -1;
		s->stale_queue = false;
	}
	if (s->stale_pools && take_pools(s) < 0)
		return -1;
	s->stale_pools = false;
	if (!s->stale_facts)
		return 0;
	s->stale_facts = false;
	s->served = notice_served(s->spool);
	if (names_list(s->spool->fd, "dags", &dags) < 0)
		return -1;
	s->paused = 0;
	for (size_t i = 0; i < dags.n; i++)
		s->paused += name_ok(dags.name[i], strlen(dags.name[i])) &&
		    notice_paused(s->spool, dags.name[i], NULL);
	names_free(&dags);
	return 0;
}
