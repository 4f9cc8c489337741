/* statids: what the IDs that dagstat is given stand for. */
#include <errno.h>
#include <stdlib.h>

#include "dagstat.h"
#include "idtext.h"

enum exit_code
dagstat_damaged(const char *thing)
{
	if (!run_damaged(errno))
		prog_die_errno("%s", thing);
	prog_warn_errno("%s", thing);
	return EXIT_BAD;
}

enum exit_code
dagstat_bad_id(const char *id, const struct buf *why)
{
	if (why->n == 0)
		return dagstat_damaged(id);
	prog_warn("%s: %.*s", id, (int)why->n, why->p);
	return EXIT_BAD;
}

/* a run that is no more, by its whole name: its history may know of it */
static bool
add_past(const char *text)
{
	struct buf why = BUF_INIT;
	struct idtext t;
	struct id *id;
	bool known;

	if (dagstat.mode != MODE_HISTORY || idtext_parse(&t, text, &why) < 0) {
		buf_free(&why);
		return false;
	}
	known = t.dag && t.run && run_name_parse(t.run, NULL, NULL, NULL) == 0;
	id = known ? ids_add(&dagstat.ids, t.dag, t.run, t.task ? t.task :
	    "") : NULL;
	if (id)
		id->archived = true;
	else if (known)
		prog_die_errno("%s", text);
	idtext_free(&t);
	buf_free(&why);
	return known;
}

enum exit_code
dagstat_add_id(const char *text, void *arg)
{
	struct buf why = BUF_INIT;
	enum exit_code r = EXIT_OK;

	if (ids_resolve(&dagstat.spool, text, arg ? *(unsigned *)arg :
	    IDS_ARCHIVED, &dagstat.ids, &why) != 0 && !(errno == ENOENT &&
	    (arg || add_past(text))))
		r = dagstat_bad_id(text, &why);
	buf_free(&why);
	return r;
}

/* replaces the IDs that stand for more: a DAG by its runs that are not
 * archived, a run by its tasks */
enum exit_code
dagstat_expand(bool tasks)
{
	struct buf text = BUF_INIT;
	struct ids before = dagstat.ids;
	enum exit_code worst = EXIT_OK, r;
	unsigned live = 0;

	dagstat.ids = (struct ids)IDS_INIT;
	for (size_t i = 0; i < before.n; i++) {
		buf_reset(&text);
		id_text(&text, &before.id[i]);
		if (!before.id[i].run[0])
			buf_str(&text, "/*");
		if (tasks && !before.id[i].task[0])
			buf_str(&text, "/*");
		r = dagstat_add_id(buf_cstr(&text), before.id[i].run[0] ? NULL :
		    &live);
		worst = r > worst ? r : worst;
	}
	ids_free(&before);
	buf_free(&text);
	return worst;
}
