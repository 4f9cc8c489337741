/* sweep: archives the runs that ended long enough ago. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "num.h"
#include "retire.h"
#include "sweep.h"

/* when a run ended, its state's mtime; -1: it has not */
static int64_t
ended_at(const struct run *r)
{
	static const enum run_state ends[] = {RUN_SUCCESS, RUN_FAILED};
	char file[16];
	struct stat st;

	for (int i = 0; i < 2; i++) {
		snprintf(file, sizeof file, "@%s", run_state_name(ends[i]));
		if (fstatat(r->fd, file, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return st.st_mtime;
	}
	return -1;
}

/* when a run is old enough; -1: never */
static int64_t
due_at(struct run *r, int64_t older)
{
	struct buf b = BUF_INIT;
	int64_t end = ended_at(r);
	const char *v;

	if (end >= 0 && older < 0 && run_plan(r, NULL) == 0) {
		v = plan_dag_get(r->plan, "archive-after", &b);
		if (!v || dur_parse(v, &older) < 0)
			older = -1;
		buf_free(&b);
	}
	return end >= 0 && older >= 0 ? end + older : -1;
}

/* the names of those that are old enough, and when the next one will be */
static size_t
choose(struct spool *sp, const char *dag, const struct run_entry *list,
    size_t n, int64_t older, const char **name, int64_t *next)
{
	size_t old = 0;
	struct run r;
	int64_t at;

	for (size_t i = 0; i < n; i++) {
		if (run_open(sp, dag, list[i].name, &r) < 0)
			continue;
		at = due_at(&r, older);
		run_close(&r);
		if (at >= 0 && at <= clock_seconds())
			name[old++] = list[i].name;
		else if (at >= 0 && (!*next || at < *next))
			*next = at;
	}
	return old;
}

/* calls f with the runs of each DAG that are old enough; 0, -1 */
static int
each_dag(struct spool *sp, int64_t older, int64_t *next,
    int (*f)(struct spool *, const char *dag, const char *const *run,
    size_t n, void *), void *arg)
{
	struct run_entry *list;
	struct names dags;
	const char **name;
	int x = 0;
	size_t n;

	if (names_list(sp->fd, "runs", &dags) < 0)
		return -1;
	for (size_t i = 0; i < dags.n && x == 0; i++) {
		if (!name_ok(dags.name[i], strlen(dags.name[i])) ||
		    spool_runs(sp, dags.name[i], false, &list, &n) < 0)
			continue;
		name = malloc((n + 1) * sizeof *name);
		if (name && (n = choose(sp, dags.name[i], list, n, older,
		    name, next)) > 0)
			x = f(sp, dags.name[i], name, n, arg);
		else if (!name)
			x = -1;
		free(name);
		free(list);
	}
	names_free(&dags);
	return x;
}

struct telling {
	void (*told)(const char *, const char *, int, const char *, void *);
	void *arg;
};

static int
archive_them(struct spool *sp, const char *dag, const char *const *run,
    size_t n, void *arg)
{
	const struct telling *t = arg;

	return retire_runs(sp, dag, run, n, t->told, t->arg);
}

static int
name_them(struct spool *sp, const char *dag, const char *const *run, size_t n,
    void *arg)
{
	const struct telling *t = arg;

	(void)sp;
	for (size_t i = 0; i < n; i++)
		t->told(dag, run[i], 0, NULL, t->arg);
	return 0;
}

int
sweep(struct spool *sp, int64_t older, void (*told)(const char *,
    const char *, int, const char *, void *), void *arg, int64_t *next)
{
	struct telling t = {told, arg};
	int64_t first = 0;
	int x = each_dag(sp, older, &first, archive_them, &t);

	if (next)
		*next = first;
	return x;
}

int
sweep_dry(struct spool *sp, int64_t older, void (*told)(const char *,
    const char *, int, const char *, void *), void *arg)
{
	struct telling t = {told, arg};
	int64_t next = 0;

	return each_dag(sp, older, &next, name_them, &t);
}
