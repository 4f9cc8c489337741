/* sweep: finds the runs that ended long enough ago to be archived. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "num.h"
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

int
sweep(struct spool *sp, int64_t older,
    int (*f)(const char *, const char *, void *), void *arg, int64_t *next)
{
	struct run_entry *list;
	struct names dags;
	struct run r;
	int worst = 0, x;
	int64_t at, first = 0;
	size_t n;

	if (names_list(sp->fd, "runs", &dags) < 0)
		return -1;
	for (size_t i = 0; i < dags.n; i++) {
		if (!name_ok(dags.name[i], strlen(dags.name[i])) ||
		    spool_runs(sp, dags.name[i], false, &list, &n) < 0)
			continue;
		for (size_t k = 0; k < n; k++) {
			if (run_open(sp, dags.name[i], list[k].name, &r) < 0)
				continue;
			at = due_at(&r, older);
			run_close(&r);
			x = 0;
			if (at >= 0 && at <= clock_seconds())
				x = f(dags.name[i], list[k].name, arg);
			else if (at >= 0 && (!first || at < first))
				first = at;
			worst = x > worst ? x : worst;
		}
		free(list);
	}
	names_free(&dags);
	if (next)
		*next = first;
	return worst;
}
