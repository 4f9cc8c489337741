/* statwait: dagstat --wait: until runs and tasks have ended. */
#include <errno.h>

#include "await.h"
#include "dagstat.h"
#include "notice.h"

static void
wait_ended(const struct id *id, bool bad, void *arg)
{
	struct buf b = BUF_INIT;

	id_text(&b, id);
	if (bad)
		*(enum exit_code *)arg = EXIT_BAD;
	if (bad && prog_verbose >= 0)
		prog_warn("%s: failed", buf_cstr(&b));
	else if (prog_verbose > 0)
		prog_warn("%s: ended", buf_cstr(&b));
	buf_free(&b);
}

static void
wait_begins(void *arg)
{
	(void)arg;
	if (prog_verbose >= 0 && !notice_served(&dagstat.spool))
		prog_warn("waiting, though no dagexec serves %s",
		    dagstat.spool.path);
}

enum exit_code
statwait(void)
{
	enum exit_code r = EXIT_OK;
	struct buf text = BUF_INIT, reason = BUF_INIT;
	size_t at = 0;

	dagstat_expand(false);
	if (await(&dagstat.spool, &dagstat.ids, &at, wait_begins, wait_ended,
	    &r, &reason) < 0) {
		if (at < dagstat.ids.n)
			id_text(&text, &dagstat.ids.id[at]);
		if (reason.n == 0 && errno == ENOENT)
			buf_str(&reason, "it has gone");
		r = dagstat_bad_id(buf_cstr(&text), &reason);
	}
	buf_free(&text);
	buf_free(&reason);
	return r;
}
