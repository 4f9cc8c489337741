/* kept: runs that were worked for lately, open. */
#include <errno.h>
#include <string.h>

#include "kept.h"

void
kept_drop(struct kept *k)
{
	if (!k->used)
		return;
	world_run_free(&k->world);
	buf_free(&k->next);
	buf_free(&k->rest);
	run_close(&k->run);
	*k = (struct kept){0};
}

void
kept_free(struct kept_runs *s)
{
	for (int i = 0; i < RUNS_KEPT; i++)
		kept_drop(&s->kept[i]);
}

struct kept *
kept_get(struct kept_runs *s, const char *dag, const char *run)
{
	struct kept *k, *oldest = NULL;

	for (k = s->kept; k < s->kept + RUNS_KEPT; k++) {
		if (k->used && strcmp(k->run.name, run) == 0 &&
		    strcmp(k->run.dag, dag) == 0) {
			k->used = ++s->clock;
			return k;
		}
		if (!k->dirty && (!oldest || k->used < oldest->used))
			oldest = k;
	}
	if (!oldest) {
		errno = EBUSY;
		return NULL;
	}
	k = oldest;
	kept_drop(k);
	if (run_open(s->spool, dag, run, &k->run) < 0)
		return NULL;
	if (run_plan(&k->run, NULL) < 0) {
		run_close(&k->run);
		return NULL;
	}
	k->used = ++s->clock;
	return k;
}
