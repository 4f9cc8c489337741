/* again: which runs of a DAG have failed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "again.h"
#include "hist.h"
#include "io.h"

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
			p.failed[i] = io_exists(sp->runs, path) == 1;
		if (p.failed[i] && !all[i].manual)
			(*list)[(*n)++] = all[i].time;
	}
	e = errno;
	free(p.failed);
	free(all);
	errno = e;
	return x;
}
