/* statpic: dagstat --grid, --gantt, --graph: pictures in characters. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boxes.h"
#include "dagstat.h"
#include "gantt.h"
#include "grid.h"

static enum exit_code
bad(const struct id *id, struct buf *why)
{
	struct buf text = BUF_INIT;
	enum exit_code r;
	int e = errno;

	id_text(&text, id);
	if (why->n == 0 && e == ENOENT)
		buf_str(why, "it has no run");
	errno = e;
	r = dagstat_bad_id(buf_cstr(&text), why);
	buf_free(&text);
	return r;
}

/* a picture of each ID, one below the other */
static enum exit_code
pictures(int (*f)(const struct id *, struct buf *, struct buf *why))
{
	enum exit_code r = EXIT_OK;
	struct buf out = BUF_INIT, why = BUF_INIT;

	for (size_t i = 0; i < dagstat.ids.n; i++) {
		buf_reset(&out);
		buf_reset(&why);
		if (i > 0)
			buf_ch(&out, '\n');
		if (f(&dagstat.ids.id[i], &out, &why) < 0)
			r = bad(&dagstat.ids.id[i], &why);
		else
			dagstat_put(&out);
	}
	buf_free(&out);
	buf_free(&why);
	return r;
}

static int
grid(const struct id *id, struct buf *b, struct buf *why)
{
	if (id->run[0]) {
		buf_str(why, "--grid shows the runs of a DAG; this is not one");
		errno = EINVAL;
		return -1;
	}
	return grid_put(&dagstat.spool, id->dag, &dagstat.term,
	    dagstat.log.lines, prog_verbose > 0, b);
}

enum exit_code
statpic_grid(void)
{
	return pictures(grid);
}

static int
gantt(const struct id *id, struct buf *b, struct buf *why)
{
	if (!id->run[0] || id->task[0]) {
		buf_str(why, "it is not a run, DAG/RUN");
		errno = EINVAL;
		return -1;
	}
	return gantt_put(&dagstat.spool, id, &dagstat.term, prog_verbose > 0,
	    b, why);
}

enum exit_code
statpic_gantt(void)
{
	return pictures(gantt);
}

/* the last run of a DAG; -1 and errno */
static int
last_run(struct id *id)
{
	struct run_entry *list;
	size_t n;

	if (spool_runs(&dagstat.spool, id->dag, true, &list, &n) < 0)
		return -1;
	if (n > 0) {
		snprintf(id->run, sizeof id->run, "%s", list[n - 1].name);
		id->archived = list[n - 1].archived;
	}
	free(list);
	errno = ENOENT;
	return n > 0 ? 0 : -1;
}

static int
graph(const struct id *id, struct buf *b, struct buf *why)
{
	struct id run = *id;

	if (id->task[0]) {
		buf_str(why, "it is neither a DAG nor a run, DAG/RUN");
		errno = EINVAL;
		return -1;
	}
	if (!id->run[0] && last_run(&run) < 0)
		return -1;
	return boxes_put(&dagstat.spool, &run, &dagstat.term,
	    prog_verbose > 0, b, why);
}

enum exit_code
statpic_graph(void)
{
	return pictures(graph);
}
