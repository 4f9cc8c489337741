/* fuse: pauses a DAG after so many failed runs in a row. */
#include <stdio.h>
#include <string.h>

#include "fuse.h"
#include "hist.h"
#include "known.h"
#include "num.h"
#include "seen.h"

struct count {
	int64_t since;		/* what ended by then does not count */
	unsigned failed;	/* in a row */
	char last[NAME_LEN + RUN_LEN + 2];
};

static int
take(const struct rec *r, void *arg)
{
	struct count *c = arg;
	const char *state, *end;
	int64_t t;

	if (strcmp(r->kind, "run") != 0)
		return 0;
	state = rec_get(r, "state");
	end = rec_get(r, "end");
	if (!state || !end || instant_parse(end, &t, NULL) < 0 || t <= c->since)
		return 0;
	if (strcmp(state, "failed") != 0)
		c->failed = 0;
	else if (c->failed == 0 || strcmp(c->last, r->id) != 0)
		c->failed++;	/* one that was rerun has failed once */
	snprintf(c->last, sizeof c->last, "%s", r->id);
	return 0;
}

int
fuse_check(struct run *r)
{
	struct buf b = BUF_INIT;
	struct count c = {0};
	struct known k;
	const char *v;
	char note[64];
	int64_t max;
	int x;

	if (!(r->plan->keys & PLAN_FUSE) || run_state(r) != RUN_FAILED)
		return 0;
	v = plan_dag_get(r->plan, "pause-after-failures", &b);
	x = !v || num_parse(v, 1, 1000, &max) < 0;
	buf_free(&b);
	if (x != 0)
		return 0;
	x = known_dag(&k, r->spool, r->dag);
	c.since = k.paused_at;
	known_free(&k);
	if (x < 0 || hist_each(r->spool, r->dag, take, &c) < 0)
		return -1;
	if (c.failed < max)
		return 0;
	snprintf(note, sizeof note, "%u runs failed in a row", c.failed);
	return seen_pause(r->spool, r->dag, true, false, note, NULL) < 0 ?
	    -1 : 0;
}
