/* redo: a run that is asked for once more. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change.h"
#include "marker.h"
#include "redo.h"
#include "retire.h"

enum { MARKER_MAX = 64 << 20 };

/* was it held by such a rerun, which did not come to its end? */
static bool
interrupted(const struct run *r, uint32_t task, struct instance in,
    const char *note)
{
	char name[TASK_LEN + 1], said[256] = "", *rest;
	struct buf text = BUF_INIT;
	struct marker_line l;
	bool is = false;
	int fd = in.state != STATE_HELD ? -1 : marker_open(r,
	    plan_name(r->plan, task, name), in, O_RDONLY);

	if (fd >= 0 && buf_read(&text, fd, MARKER_MAX) == 0)
		for (rest = buf_cstr(&text); marker_next(&rest, &l);)
			is = strcmp(l.event, "rerun") == 0 &&
			    marker_field(&l, "note", said, sizeof said) &&
			    strcmp(said, note) == 0;
	if (fd >= 0)
		close(fd);
	buf_free(&text);
	return is;
}

static int
rerun(struct run *r, bool failed, const char *note)
{
	const struct change c = {.verb = CHANGE_RERUN, .note = note};
	struct instance *inst = NULL;
	bool *chosen = NULL;
	enum run_state s = run_state(r);
	int x = -1, e;

	bool ended = s == RUN_SUCCESS || s == RUN_FAILED, any = ended;

	if (!ended && s != RUN_ACTIVE)
		return 0;
	if (run_plan(r, NULL) < 0)
		return -1;
	inst = malloc(r->plan->n * sizeof *inst);
	chosen = malloc(r->plan->n * sizeof *chosen);
	if (inst && chosen && run_states(r, inst) == 0) {
		for (uint32_t t = 0; t < r->plan->n; t++) {
			chosen[t] = ended ? !failed || inst[t].state ==
			    STATE_FAILED : interrupted(r, t, inst[t], note);
			any |= chosen[t];
		}
		x = any ? change_run(&c, r, chosen) : 0;
	}
	e = errno;
	free(inst);
	free(chosen);
	errno = e;
	return x < 0 ? -1 : x > 0;
}

int
redo_named(struct spool *sp, const char *dag, const char *name, bool failed,
    const char *note)
{
	struct buf why = BUF_INIT;
	struct run r;
	int x = run_open(sp, dag, name, &r);

	if (x < 0 && errno == ENOENT) {
		x = retire_restore(sp, dag, name, &why);
		buf_free(&why);
		if (x == 0 || errno == EEXIST)
			x = run_open(sp, dag, name, &r);
	}
	if (x < 0)
		return errno == ENOENT ? 0 : -1;
	x = rerun(&r, failed, note);
	run_close(&r);
	return x;
}

int
redo_run(struct spool *sp, const char *dag, int64_t t, bool failed,
    char name[RUN_LEN + 1])
{
	struct run_entry *list;
	bool found = false;
	size_t n;

	if (spool_runs(sp, dag, true, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n && !found; i++) {
		if (list[i].time != t || list[i].manual)
			continue;
		found = true;
		memcpy(name, list[i].name, RUN_LEN + 1);
	}
	free(list);
	return found ? redo_named(sp, dag, name, failed, "backfill") : 0;
}
