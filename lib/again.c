/* again: runs that a backfill asks for once more. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "again.h"
#include "change.h"
#include "hist.h"
#include "retire.h"

/* what history says of the runs that are archived */
struct past_end {
	struct run_entry *run;	/* of these */
	size_t n;
	bool *failed;
};

static int
by_time(const void *a, const void *b)
{
	const struct run_entry *x = a, *y = b;

	return x->time < y->time ? -1 : x->time > y->time;
}

/* a run's last line counts */
static int
take_line(const struct rec *r, void *arg)
{
	struct past_end *p = arg;
	struct run_entry key = {.time = 0}, *at;
	const char *slash = strchr(r->id, '/'), *state = rec_get(r, "state");
	bool manual;

	if (strcmp(r->kind, "run") != 0 || !slash || !state || p->n == 0 ||
	    run_name_parse(slash + 1, &key.time, NULL, &manual) < 0 || manual)
		return 0;
	at = bsearch(&key, p->run, p->n, sizeof key, by_time);
	if (at)
		p->failed[at - p->run] = strcmp(state, "failed") == 0;
	return 0;
}

int
again_failed(struct spool *sp, const char *dag, int64_t **list, size_t *n)
{
	struct past_end p = {NULL, 0, NULL};
	struct run_entry *all;
	char path[FILE_LEN];
	int x = 0, e;

	*list = NULL;
	*n = 0;
	if (!sp || sp->runs < 0)
		return 0;
	if (spool_runs(sp, dag, true, &all, &p.n) < 0)
		return -1;
	p.run = all;
	p.failed = calloc(p.n + 1, sizeof *p.failed);
	*list = malloc((p.n + 1) * sizeof **list);
	if (!p.failed || !*list || hist_each(sp, dag, take_line, &p) < 0)
		x = -1;
	for (size_t i = 0; x == 0 && i < p.n; i++) {
		snprintf(path, sizeof path, "%s/%s/@failed", dag, all[i].name);
		if (!all[i].archived)
			p.failed[i] = faccessat(sp->runs, path, F_OK,
			    AT_SYMLINK_NOFOLLOW) == 0;
		if (p.failed[i] && !all[i].manual)
			(*list)[(*n)++] = all[i].time;
	}
	e = errno;
	free(p.failed);
	free(all);
	errno = e;
	return x;
}

static void
changed(const struct run *r, const char *task, enum state from, void *arg)
{
	(void)r;
	(void)task;
	(void)from;
	(void)arg;
}

static void
refused(const struct run *r, const char *task, const char *why, void *arg)
{
	(void)r;
	(void)task;
	(void)why;
	(void)arg;
}

static int
rerun(struct run *r, bool failed)
{
	const struct change c = {.verb = CHANGE_RERUN, .note = "backfill",
	    .changed = changed, .refused = refused};
	struct instance *inst = NULL;
	bool *chosen = NULL;
	enum run_state s = run_state(r);
	int x = -1, e;

	if (s != RUN_SUCCESS && s != RUN_FAILED)
		return 0;
	if (run_plan(r, NULL) < 0)
		return -1;
	inst = malloc(r->plan->n * sizeof *inst);
	chosen = malloc(r->plan->n * sizeof *chosen);
	if (inst && chosen && run_states(r, inst) == 0) {
		for (uint32_t t = 0; t < r->plan->n; t++)
			chosen[t] = !failed || inst[t].state == STATE_FAILED;
		x = change_run(&c, r, chosen);
	}
	e = errno;
	free(inst);
	free(chosen);
	errno = e;
	return x < 0 ? -1 : x > 0;
}

int
again_run(struct spool *sp, const char *dag, int64_t t, bool failed,
    char name[RUN_LEN + 1])
{
	struct buf why = BUF_INIT;
	struct run_entry *list;
	bool archived = false, found = false;
	struct run r;
	size_t n;
	int x;

	if (spool_runs(sp, dag, true, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n && !found; i++) {
		if (list[i].time != t || list[i].manual)
			continue;
		found = true;
		archived = list[i].archived;
		memcpy(name, list[i].name, RUN_LEN + 1);
	}
	free(list);
	if (!found)
		return 0;
	if (archived) {
		x = retire_restore(sp, dag, name, &why);
		buf_free(&why);
		if (x < 0 && errno != EEXIST)
			return -1;
	}
	if (run_open(sp, dag, name, &r) < 0)
		return errno == ENOENT ? 0 : -1;
	x = rerun(&r, failed);
	run_close(&r);
	return x;
}
