/* schedjob: one DAG that is being decided about, and what comes out. */
#include "schedjob.h"
#include "spool.h"

enum { LARGE = 1 << 16 };

struct buf *
sched_output(struct sched_job *j)
{
	struct buf *out = &j->sched->out;

	if (!j->named)
		buf_add(out, j->text->p, j->text->n);
	j->named = true;
	if (out->n >= LARGE)
		j->sched->full(out);
	return out;
}

void
sched_watch(struct sched_job *j, const struct run_entry *run, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_fmt(&j->sched->watch, "runs/%s/%s\n", j->dag.id,
		    run[i].name);
}
