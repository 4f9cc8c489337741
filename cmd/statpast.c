/* statpast: dagstat --history, --diff: what happened, what is different. */
#include <errno.h>
#include <string.h>

#include "contrast.h"
#include "dagstat.h"
#include "story.h"

static int
history(const struct id *id, struct view *v, struct buf *reason)
{
	return story_run(&dagstat.spool, id, v, reason);
}

enum exit_code
statpast_history(void)
{
	return statask(history, VIEW_EVENTS);
}

enum exit_code
statpast_diff(void)
{
	const struct id *id = dagstat.ids.id, *bad;
	enum exit_code r = EXIT_OK;
	struct buf text = BUF_INIT, why = BUF_INIT;
	struct view v;

	if (dagstat.ids.n != 2)
		prog_die(EXIT_BAD, "--diff: two runs are wanted, these are "
		    "%zu", dagstat.ids.n);
	for (size_t i = 0; i < 2; i++) {
		buf_reset(&text);
		id_text(&text, &id[i]);
		if (!id[i].run[0] || id[i].task[0])
			prog_die(EXIT_BAD, "%s: it is not a run, DAG/RUN",
			    buf_cstr(&text));
	}
	statlist_notices(false);
	statlist_begin(&v);
	if (contrast(&dagstat.spool, &id[0], &id[1], &v, &bad, &why) < 0) {
		buf_reset(&text);
		id_text(&text, bad);
		r = dagstat_bad_id(buf_cstr(&text), &why);
	}
	statlist_end(&v, VIEW_DIFFS);
	buf_free(&text);
	buf_free(&why);
	return r;
}
