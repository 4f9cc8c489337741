/* admit: which of a DAG's waiting runs comes next. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admit.h"
#include "deadline.h"
#include "io.h"
#include "num.h"

/*
 * To count active runs is to look at each run: with thousands that wait,
 * thousands of looks at each end of one. So each process remembers the runs
 * of a DAG as they were when it last listed them. A run only goes from
 * waiting to active to ended, and is admitted in the order of the list;
 * whoever does otherwise, or adds or takes away a run, changes the mtime of
 * runs/DAG, and then all is listed again. All of it under the lock of
 * runs/DAG. The memory is a hint about where to look: what is counted has
 * been looked at.
 */
struct memory {
	char dag[NAME_LEN + 1];
	struct spool *spool;
	ino_t ino;
	struct timespec mtime;
	struct run_entry *list;
	enum run_state *state;
	bool *behind;		/* it lets the others go first */
	size_t n;
	size_t next;		/* all before have been admitted, or ended */
	struct memory *more;
};

static struct memory *memories;

static bool
is(int dirfd, const char *run, const char *state)
{
	char path[RUN_LEN + 16];

	snprintf(path, sizeof path, "%s/@%s", run, state);
	return io_exists(dirfd, path) == 1;
}

static enum run_state
look(int dirfd, const char *run, bool *behind)
{
	char path[RUN_LEN + 16];
	struct stat st;

	if (is(dirfd, run, "active"))
		return RUN_ACTIVE;
	snprintf(path, sizeof path, "%s/@waiting", run);
	if (io_stat(dirfd, path, &st) < 0)
		return RUN_SUCCESS;
	*behind = st.st_mtim.tv_sec == ADMIT_BEHIND;
	return st.st_mtim.tv_sec == ADMIT_HELD ? RUN_NONE : RUN_WAITING;
}

static int
list_again(struct memory *m, int dirfd, const struct stat *st)
{
	struct timespec now;

	free(m->list);
	free(m->state);
	free(m->behind);
	m->list = NULL;
	m->state = NULL;
	m->behind = NULL;
	m->n = m->next = 0;
	if (spool_runs(m->spool, m->dag, false, &m->list, &m->n) < 0)
		return -1;
	m->state = calloc(m->n + 1, sizeof *m->state);
	m->behind = calloc(m->n + 1, sizeof *m->behind);
	if (!m->state || !m->behind)
		return -1;
	for (size_t i = 0; i < m->n; i++)
		m->state[i] = look(dirfd, m->list[i].name,
		    &m->behind[i]);
	m->ino = st->st_ino;
	m->mtime = st->st_mtim;
	/* the clock of a file system ticks every few ms: two changes within
	 * a tick look like one, so what is so young is not remembered */
	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec - st->st_mtim.tv_sec < 2 &&
	    (now.tv_sec - st->st_mtim.tv_sec) * 1000000000LL +
	    now.tv_nsec - st->st_mtim.tv_nsec < 50000000)
		m->mtime.tv_nsec = -1;
	return 0;
}

static struct memory *
recall(struct spool *sp, const char *dag, int dirfd)
{
	struct memory *m;
	struct stat st;

	if (fstat(dirfd, &st) < 0)
		return NULL;
	for (m = memories; m; m = m->more)
		if (m->spool == sp && strcmp(m->dag, dag) == 0)
			break;
	if (!m) {
		m = calloc(1, sizeof *m);
		if (!m)
			return NULL;
		snprintf(m->dag, sizeof m->dag, "%s", dag);
		m->spool = sp;
		m->mtime.tv_nsec = -1;
		m->more = memories;
		memories = m;
	}
	if (m->mtime.tv_nsec == st.st_mtim.tv_nsec && m->ino == st.st_ino &&
	    m->mtime.tv_sec == st.st_mtim.tv_sec) {
		for (size_t i = 0; i < m->n; i++)
			if (m->state[i] == RUN_ACTIVE)
				m->state[i] = look(dirfd, m->list[i].name,
				    &m->behind[i]);
		return m;
	}
	return list_again(m, dirfd, &st) < 0 ? NULL : m;
}

/* how many of its DAG may be active, as the run's own plan says */
static int
limit(struct spool *sp, const char *dag, const char *name, int64_t *max,
    bool *deadlines)
{
	struct buf b = BUF_INIT;
	struct run r;
	const char *s;

	*max = ACTIVE_RUNS;
	if (run_open(sp, dag, name, &r) < 0)
		return -1;
	if (run_plan(&r, NULL) < 0) {
		run_close(&r);
		return -1;
	}
	s = plan_dag_get(r.plan, "max-active-runs", &b);
	if (s && num_parse(s, 1, 1000000, max) < 0)
		*max = ACTIVE_RUNS;
	*deadlines = r.plan->keys & PLAN_DEADLINES;
	buf_free(&b);
	run_close(&r);
	return 0;
}

/* may run i, which waits, become active now? 1, 0, -1 it cannot be told;
 * manual runs always may */
static int
allowed(const struct memory *m, size_t i, bool *deadlines)
{
	int64_t active = 0, max;

	if (limit(m->spool, m->dag, m->list[i].name, &max, deadlines) < 0)
		return -1;
	if (!run_name_queues(m->list[i].name))
		return 1;
	for (size_t k = 0; k < m->n; k++)
		active += m->state[k] == RUN_ACTIVE &&
		    run_name_queues(m->list[k].name);
	return active < max;
}

/* from now on its time is counted */
static int
begin(const struct memory *m, size_t i)
{
	struct run r;
	int x;

	if (run_open(m->spool, m->dag, m->list[i].name, &r) < 0)
		return -1;
	x = run_plan(&r, NULL);
	if (x == 0)
		x = deadline_begin(&r);
	run_close(&r);
	return x;
}

/* admits run i if it may be now; 1, 0 not, 2 no other may either, -1 */
static int
try(struct memory *m, int dirfd, size_t i)
{
	bool deadlines;
	int may;

	/* another process may have admitted it since */
	m->state[i] = look(dirfd, m->list[i].name, &m->behind[i]);
	if (m->state[i] != RUN_WAITING)
		return 0;
	may = allowed(m, i, &deadlines);
	/* a damaged one stays back, and one that has two states */
	if (may < 0)
		return run_damaged(errno) ? 0 : -1;
	if (!may)
		return 2;
	if (deadlines && begin(m, i) < 0)
		return -1;
	if (run_admit(dirfd, m->list[i].name) < 0)
		return errno == EEXIST ? 0 : -1;
	m->state[i] = RUN_ACTIVE;
	return 1;
}

/* the first backfill's run that waits, or n */
static size_t
first_behind(const struct memory *m)
{
	size_t i = m->next;

	while (i < m->n && (m->state[i] != RUN_WAITING || !m->behind[i]))
		i++;
	return i;
}

/* was a backfill's run passed over by one of the schedule's? then it is its
 * turn, so that neither starves the other */
static bool
passed_over(const struct memory *m, int dirfd)
{
	size_t i = first_behind(m);
	char path[RUN_LEN + 16];
	struct stat st;

	if (i == m->n)
		return false;
	snprintf(path, sizeof path, "%s/@waiting", m->list[i].name);
	return io_stat(dirfd, path, &st) == 0 &&
	    st.st_mtim.tv_nsec != 0;
}

/* all who admit see that, by a nanosecond of its @waiting */
static int
pass_over(const struct memory *m, int dirfd)
{
	static const struct timespec ts[2] = {{ADMIT_BEHIND, 1},
	    {ADMIT_BEHIND, 1}};
	size_t i = first_behind(m);
	char path[RUN_LEN + 16];

	if (i == m->n)
		return 0;
	snprintf(path, sizeof path, "%s/@waiting", m->list[i].name);
	return io_touch(dirfd, path, ts) < 0 && errno != ENOENT ? -1 : 0;
}

int
admit_next(struct spool *sp, const char *dag, int dirfd,
    char name[RUN_LEN + 1])
{
	struct memory *m = recall(sp, dag, dirfd);
	bool full = false;
	int x, turn;

	if (!m)
		return -1;
	while (m->next < m->n && m->state[m->next] != RUN_WAITING)
		m->next++;
	turn = passed_over(m, dirfd);
	for (int k = 0; k < 2; k++) {
		for (size_t i = m->next; i < m->n; i++) {
			if (m->state[i] != RUN_WAITING ||
			    m->behind[i] != (k ^ turn) ||
			    (full && run_name_queues(m->list[i].name)))
				continue;
			x = try(m, dirfd, i);
			if (x == 1 && !m->behind[i] &&
			    run_name_queues(m->list[i].name) &&
			    pass_over(m, dirfd) < 0)
				return -1;
			if (x == 1)
				snprintf(name, RUN_LEN + 1, "%s",
				    m->list[i].name);
			if (x == 1 || x < 0)
				return x;
			full |= x == 2;
		}
	}
	return 0;
}

void
admit_touch(int dirfd)
{
	futimens(dirfd, NULL);
}

void
admit_forget(void)
{
	struct memory *m;

	while ((m = memories)) {
		memories = m->more;
		free(m->list);
		free(m->state);
		free(m->behind);
		free(m);
	}
}
