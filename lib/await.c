/* await: waiting until runs and tasks have ended. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "await.h"
#include "look.h"
#include "watch.h"

struct awaited {
	int wd;
	bool ended;
};

/* an archived one has ended: how? 1 well, 2 badly, -1 */
static int
in_archive(struct spool *sp, const struct id *id, struct buf *why)
{
	struct look l;
	int64_t t;
	int x = 1;

	if (look_open(sp, id, &l, why) < 0)
		return -1;
	if (!id->task[0])
		x = l.state == RUN_SUCCESS ? 1 : 2;
	else {
		t = plan_find(l.plan, id->task, strlen(id->task));
		if (t >= 0 && (l.inst[t].state == STATE_FAILED ||
		    l.inst[t].state == STATE_UPSTREAM_FAILED))
			x = 2;
	}
	look_close(&l);
	return x;
}

/* 0 not yet, 1 it ended well, 2 badly, -1 */
static int
look_at(struct spool *sp, struct watch *w, const struct id *id,
    struct awaited *a, struct buf *why)
{
	enum run_state rs;
	enum state ts;
	struct run r;
	int x = 0;

	if (run_open(sp, id->dag, id->run, &r) < 0)
		return errno == ENOENT ? in_archive(sp, id, why) : -1;
	/* watch, then look, then sleep */
	a->wd = watch_add(w, r.fd, "", WATCH_ARRIVE | WATCH_SELF);
	if (a->wd < 0)
		x = -1;
	else if (id->task[0]) {
		ts = task_glimpse(&r, id->task, STATE_SUCCESS);
		if (state_ended(ts))
			x = ts == STATE_SUCCESS || ts == STATE_SKIPPED ? 1 : 2;
	} else {
		rs = run_state(&r);
		if (rs == RUN_SUCCESS || rs == RUN_FAILED)
			x = rs == RUN_SUCCESS ? 1 : 2;
	}
	run_close(&r);
	return x;
}

/* takes all events that wait: which watches to look at again, -1 all */
static int
events(struct watch *w, const struct ids *ids, struct awaited *a, bool *again)
{
	struct watch_event ev;
	int x;

	while ((x = watch_next(w, &ev)) > 0)
		for (size_t i = 0; i < ids->n; i++)
			if (!a[i].ended && (ev.wd == a[i].wd ||
			    (ev.mask & WATCH_OVERFLOW)))
				again[i] = true;
	return x;
}

int
await(struct spool *sp, const struct ids *ids, size_t *at,
    void (*waits)(void *), void (*ended)(const struct id *, bool bad, void *),
    void *arg, struct buf *why)
{
	struct awaited *a = calloc(ids->n + 1, sizeof *a);
	bool *again = malloc(ids->n + 1);
	size_t left = ids->n;
	struct watch w;
	int x = a && again ? watch_open(&w) : -1, e;

	if (x < 0)
		goto out;
	memset(again, true, ids->n + 1);
	while (left > 0) {
		for (size_t i = 0; i < ids->n; i++) {
			if (!again[i])
				continue;
			again[i] = false;
			*at = i;
			x = look_at(sp, &w, &ids->id[i], &a[i], why);
			if (x < 0)
				goto close;
			if (x == 0)
				continue;
			ended(&ids->id[i], x == 2, arg);
			a[i].ended = true;
			left--;
		}
		x = 0;
		if (left > 0 && waits)
			waits(arg);
		waits = NULL;
		if (left == 0)
			continue;
		x = watch_wait(&w, sp->shared ? WATCH_SHARED : -1);
		if (x < 0 || (x = events(&w, ids, a, again)) < 0)
			break;
		for (size_t i = 0; sp->shared && i < ids->n; i++)
			again[i] = !a[i].ended;
	}
close:
	e = errno;
	watch_close(&w);
	errno = e;
out:
	free(a);
	free(again);
	return x < 0 ? -1 : 0;
}
