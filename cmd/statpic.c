/* statpic: dagstat --grid, --gantt: pictures in characters. */
#include <errno.h>
#include <string.h>

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
