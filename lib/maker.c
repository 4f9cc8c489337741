/* maker: makes runs of one DAG, whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admit.h"
#include "dagplace.h"
#include "eval.h"
#include "io.h"
#include "maker.h"
#include "params.h"
#include "planstore.h"
#include "pool.h"
#include "tree.h"
#include "who.h"
#include "workdir.h"

static int
refuse(struct buf *why, const char *fmt, const char *a, const char *b)
{
	if (why)
		buf_fmt(why, fmt, a, b);
	errno = EINVAL;
	return -1;
}

/* where the definition asks for a pool, and what does */
static void
say_where(const struct plan *p, const char *task, const char *pool,
    struct buf *why)
{
	struct buf b = BUF_INIT;
	const char *file = plan_dag_get(p, "file", &b);

	if (file)
		dagplace_put(why, file, task, "pool", pool);
	buf_fmt(why, "%s/%s: ", p->dag, task);
	buf_free(&b);
}

int
maker_check(struct spool *sp, const struct plan *p, struct buf *why)
{
	char name[NAME_LEN + 1], task[TASK_LEN + 1];
	struct buf b = BUF_INIT, last = BUF_INIT;
	const char *pool;
	unsigned size;
	int64_t want;
	int x = 0;

	if (!memmem(p->text, p->size, "\tpool=", 6))
		return 0;
	for (uint32_t t = 0; t < p->n && x == 0; t++) {
		pool = plan_get(p, t, "pool", &b);
		if (!pool || strcmp(pool, buf_cstr(&last)) == 0)
			continue;
		if (pool_missing(sp, pool, name)) {
			say_where(p, plan_name(p, t, task), name, why);
			buf_fmt(why, "there is no pool \"%s\": "
			    "dagq --pool %s=1 makes it", name, name);
			errno = EINVAL;
			x = -1;
		} else if (pool_short(sp, pool, name, &size, &want)) {
			say_where(p, plan_name(p, t, task), name, why);
			buf_fmt(why, "it wants %lld slots of the pool \"%s\", "
			    "which has %u: dagq --pool %s=%lld",
			    (long long)want, name, size, name,
			    (long long)want);
			errno = EINVAL;
			x = -1;
		}
		buf_reset(&last);
		buf_str(&last, pool);
	}
	buf_free(&b);
	buf_free(&last);
	return x;
}

static int
by_instant(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* the instants that have a run already */
static int
load_taken(struct maker *m)
{
	struct run_entry *list;
	size_t n;

	if (spool_runs(m->spool, m->plan->dag, true, &list, &n) < 0)
		return -1;
	m->captaken = n + MAKER_BATCH;
	m->taken = malloc(m->captaken * sizeof *m->taken);
	if (!m->taken) {
		free(list);
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		if (!list[i].manual)
			m->taken[m->ntaken++] = list[i].time;
	free(list);
	return 0;
}

/* from now on there is one; most often it is the latest */
static int
take(struct maker *m, int64_t t)
{
	int64_t *grown;
	size_t i;

	if (m->ntaken == m->captaken) {
		grown = realloc(m->taken, 2 * m->captaken * sizeof *grown);
		if (!grown)
			return -1;
		m->taken = grown;
		m->captaken *= 2;
	}
	for (i = m->ntaken++; i > 0 && m->taken[i - 1] > t; i--)
		m->taken[i] = m->taken[i - 1];
	m->taken[i] = t;
	return 0;
}

int
maker_start(struct maker *m, struct spool *sp, const struct plan *p,
    struct buf *why)
{
	int e;

	*m = (struct maker){.spool = sp, .plan = p, .dirfd = -1};
	m->holds = memmem(p->text, p->size, "\thold=yes", 9) != NULL;
	if (maker_check(sp, p, why) < 0)
		return -1;
	m->dir = workdir_of_dag(p);
	if (!m->dir || planstore_put(sp, p, m->hash) < 0 ||
	    (m->dirfd = dag_lock(sp, p->dag)) < 0 || load_taken(m) < 0) {
		e = errno;
		if (m->dirfd >= 0)
			close(m->dirfd);
		free(m->dir);
		free(m->taken);
		m->dirfd = -1;
		errno = e;
		return -1;
	}
	return 0;
}

/* checks a run record; its instant, its name without a manual run's number */
static int
check_record(struct maker *m, const struct rec *rec, int64_t *t,
    bool *manual, const char **name, struct buf *why)
{
	const char *slash = strchr(rec->id, '/'), *time, *cause;
	struct buf said_why = BUF_INIT;
	int64_t said;
	int e;

	if (!slash || (size_t)(slash - rec->id) != strlen(m->plan->dag) ||
	    strncmp(rec->id, m->plan->dag, strlen(m->plan->dag)) != 0)
		return refuse(why, "run %s: not of the DAG %s before it",
		    rec->id, m->plan->dag);
	*name = slash + 1;
	if (strlen(*name) > RUN_LEN - (run_name_queues(*name) ||
	    rec_get(rec, "parent") ? 0 : 8) ||
	    run_name_parse(*name, t, NULL, manual) < 0)
		return refuse(why, "run %s: \"%s\" is not the name of a run, "
		    "such as 2026-11-22T0200Z", rec->id, *name);
	time = rec_get(rec, "time");
	if (!time)
		return refuse(why, "run %s: no time=%s", rec->id, "");
	if (instant_parse(time, &said, NULL) < 0 || said != *t)
		return refuse(why, "run %s: time=%s is not the instant of its "
		    "name", rec->id, time);
	cause = rec_get(rec, "cause");
	if (!cause)
		return refuse(why, "run %s: no cause=%s", rec->id, "");
	for (size_t i = 0; i < rec->nfield; i++)
		if (strncmp(rec->field[i].key, "param.", 6) == 0 &&
		    !name_ok(rec->field[i].key + 6,
		    strlen(rec->field[i].key + 6)))
			return refuse(why, "run %s: \"%s\" is not a name for "
			    "a parameter", rec->id, rec->field[i].key + 6);
	if (params_check(m->plan, rec, &said_why) < 0) {
		e = errno;
		if (why)
			buf_fmt(why, "run %s: %s", rec->id,
			    buf_cstr(&said_why));
		buf_free(&said_why);
		errno = e;
		return -1;
	}
	buf_free(&said_why);
	return 0;
}

/* is that name free, on disk and in this batch? */
static bool
name_free(struct maker *m, const char *name)
{
	char path[FILE_LEN];

	snprintf(path, sizeof path, "archive/%s/%s.tar.gz", m->plan->dag, name);
	if (faccessat(m->dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
	    io_exists(m->spool->fd, path) == 1)
		return false;
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->built[i].name, name) == 0)
			return false;
	return true;
}

static int
write_run_file(struct maker *m, int dir, const struct rec *rec,
    const char *name)
{
	char id[NAME_LEN + RUN_LEN + 2], now[INSTANT_LEN];
	struct buf b = BUF_INIT;
	int fd, x = -1;

	snprintf(id, sizeof id, "%s/%s", m->plan->dag, name);
	instant_format_ms(now, clock_now());
	rec_begin(&b, "run", id);
	/* else where its tasks work is said here, whatever the record said */
	for (size_t i = 0; i < rec->nfield; i++)
		if (m->given || (strcmp(rec->field[i].key, "dir") != 0 &&
		    strncmp(rec->field[i].key, "workdir.", 8) != 0))
			rec_put(&b, rec->field[i].key, rec->field[i].value);
	if (params_defaults(m->plan, rec, &b) < 0) {
		buf_free(&b);
		return -1;
	}
	if (!m->given)
		rec_put(&b, "dir", m->dir);
	if (!rec_get(rec, "created"))
		rec_put(&b, "created", now);
	if (!m->given)
		workdir_put(m->plan, m->dir, &b);
	rec_end(&b);
	fd = io_open(dir, "run", O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd >= 0) {
		x = b.err ? -1 : write_all(fd, b.p, b.n);
		if (close(fd) < 0)
			x = -1;
	}
	buf_free(&b);
	return x;
}

/* does the plan say that a person has to release it? */
static bool
held(struct maker *m, uint32_t task)
{
	return m->holds && plan_yes(m->plan, task, "hold");
}

/* such runs let the schedule's own go first: see admit.h */
static bool
is_backfill(const struct rec *rec)
{
	const char *cause = rec_get(rec, "cause");

	return cause && strcmp(cause, "backfill") == 0;
}

int
maker_build(struct maker *m, const struct rec *rec, const char *tmp,
    const char *name)
{
	static const struct timespec behind[2] = {{ADMIT_BEHIND, 0},
	    {ADMIT_BEHIND, 0}};
	char task[TASK_LEN + 1], file[FILE_LEN];
	int dir, x;

	if (mkdirat(m->spool->tmp, tmp, 0700) < 0)
		return -1;
	dir = io_open(m->spool->tmp, tmp, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return -1;
	x = write_run_file(m, dir, rec, name);
	if (x == 0)
		x = planstore_link(m->spool, m->plan, m->hash, dir);
	if (x == 0)
		x = marker_make(dir, "@waiting");
	if (x == 0 && is_backfill(rec))
		x = utimensat(dir, "@waiting", behind, AT_SYMLINK_NOFOLLOW);
	for (uint32_t t = 0; t < m->plan->n && x == 0; t++) {
		marker_file(file, plan_name(m->plan, t, task),
		    (struct instance){held(m, t) ? STATE_HELD : STATE_WAITING,
		    0});
		x = marker_make(dir, file);
	}
	close(dir);
	return x;
}

/* a number behind a manual run's name, if it is not free: many are asked for
 * in a row, so it begins where the last one of that name had its own */
static void
number(struct maker *m, const char *asked, char name[RUN_LEN + 1])
{
	if (strcmp(asked, m->manual) != 0) {
		snprintf(m->manual, sizeof m->manual, "%s", asked);
		m->number = 1;
	}
	for (;; m->number++) {
		if (m->number > 1)
			snprintf(name, RUN_LEN + 1, "%.*s-%u",
			    (int)(strstr(asked, "-manual") + 7 - asked), asked,
			    m->number);
		if (name_free(m, name))
			return;
	}
}

int
maker_add(struct maker *m, const struct rec *rec, char name[RUN_LEN + 1],
    struct buf *why)
{
	const char *asked;
	char tmp[64];
	bool manual;
	int64_t t;
	int e;

	if (check_record(m, rec, &t, &manual, &asked, why) < 0)
		return -1;
	snprintf(name, RUN_LEN + 1, "%s", asked);
	if (!manual && bsearch(&t, m->taken, m->ntaken, sizeof t, by_instant))
		return 0;
	/* one that a task wants is that one, or is there */
	if (manual && !run_name_queues(name) && !rec_get(rec, "parent"))
		number(m, asked, name);
	else if (!name_free(m, name))
		return 0;
	if (m->n == MAKER_BATCH && maker_commit(m) < 0)
		return -1;
	if (!manual && take(m, t) < 0)
		return -1;
	snprintf(tmp, sizeof tmp, "run.%s.%lu", who_self(), m->count++);
	if (maker_build(m, rec, tmp, name) < 0) {
		e = errno;
		tree_remove(m->spool->tmp, tmp);
		errno = e;
		return -1;
	}
	snprintf(m->built[m->n].tmp, sizeof tmp, "%s", tmp);
	snprintf(m->built[m->n++].name, RUN_LEN + 1, "%s", name);
	return 1;
}

int
maker_commit(struct maker *m)
{
	size_t done = 0;
	int x = 0;

	if (m->n == 0)
		return 0;
	if (spool_sync_all(m->spool) < 0)
		return -1;
	/* in their order: of runs that assets make the last says how far */
	for (; done < m->n && x == 0; done += x == 0)
		x = io_place(m->spool->tmp, m->built[done].tmp, m->dirfd,
		    m->built[done].name);
	m->n -= done;
	memmove(m->built, m->built + done, m->n * sizeof *m->built);
	return x < 0 ? -1 : spool_sync(m->spool, m->dirfd);
}

int
maker_end(struct maker *m)
{
	int x, e;

	while (m->n > 0)
		tree_remove(m->spool->tmp, m->built[--m->n].tmp);
	x = eval_admit_locked(m->spool, m->plan->dag, m->dirfd);
	e = errno;
	close(m->dirfd);
	free(m->dir);
	free(m->taken);
	errno = e;
	return x;
}
