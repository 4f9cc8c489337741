/* dagqids: the verbs of dagq that take IDs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dagqids.h"
#include "retire.h"
#include "sweep.h"
#include "progress.h"

enum { ASK_ABOVE = 100 };	/* IDs that a verb takes without --yes */

/* of ids[from..): to archive what is archived is to do nothing */
static void
drop_archived(size_t from)
{
	size_t kept = from;

	for (size_t i = from; i < dagq.ids.n; i++)
		if (!dagq.ids.id[i].archived)
			dagq.ids.id[kept++] = dagq.ids.id[i];
	dagq.ids.n = kept;
}

/* collects what an ID stands for */
static enum exit_code
add_id(const char *text, void *arg)
{
	struct buf why = BUF_INIT;
	size_t old = dagq.ids.n;
	int x;

	(void)arg;
	x = ids_resolve(&dagq.spool, text,
	    dagq.verb == VERB_RERUN || dagq.verb == VERB_ARCHIVE ||
	    dagq.verb == VERB_PURGE ?
	    IDS_ARCHIVED : 0, &dagq.ids, &why);
	if (x != 0) {
		if (why.n == 0)
			prog_die_errno("%s", text);
		prog_warn("%s: %s", text, buf_cstr(&why));
	}
	buf_free(&why);
	if (dagq.verb == VERB_ARCHIVE)
		drop_archived(old);
	for (size_t i = old; x >= 0 && i < dagq.ids.n; i++)
		if (!dagq.ids.id[i].run[0]) {
			prog_warn("%s: that is all runs of a DAG; say '%s/*' "
			    "if you mean it", text, text);
			dagq.ids.n = old;
			return EXIT_BAD;
		}
	return x != 0 ? EXIT_BAD : EXIT_OK;
}

static void
archived(const char *dag, const char *run, int error, const char *why,
    void *arg)
{
	enum exit_code *worst = arg, code = EXIT_OK;

	if (error)
		code = error == EBUSY || error == ENOENT || error == EBADMSG ||
		    error == EINVAL ? EXIT_BAD : EXIT_SYSTEM;
	errno = error;
	if (why)
		prog_warn("%s/%s: %s", dag, run, why);
	else if (error)
		prog_warn_errno("%s/%s", dag, run);
	if (!error && prog_verbose >= 0) {
		progress_hide();
		printf("%s/%s\tarchived\n", dag, run);
	}
	*worst = code > *worst ? code : *worst;
	progress_add(1);
}

/* --dry-run: would these be archived? */
static enum exit_code
archive_dry(const char *dag, const char *const *run, size_t n)
{
	enum exit_code worst = EXIT_OK;
	struct buf why = BUF_INIT;
	int x;

	for (size_t i = 0; i < n; i++) {
		buf_reset(&why);
		x = retire_check(&dagq.spool, dag, run[i], &why);
		archived(dag, run[i], x < 0 ? errno : 0, why.n ?
		    buf_cstr(&why) : NULL, &worst);
	}
	buf_free(&why);
	return worst;
}

/* ids[from..to) are of one DAG; sorted, so that one run's come together */
static enum exit_code
archive_dag(size_t from, size_t to)
{
	const char **run = malloc((to - from) * sizeof *run);
	enum exit_code worst = EXIT_OK;
	size_t n = 0;

	if (!run)
		prog_die_errno("memory");
	for (size_t i = from; i < to; i++)
		if (n == 0 || strcmp(run[n - 1], dagq.ids.id[i].run) != 0)
			run[n++] = dagq.ids.id[i].run;
	if (dagq.dry)
		worst = archive_dry(dagq.ids.id[from].dag, run, n);
	else if (retire_runs(&dagq.spool, dagq.ids.id[from].dag, run, n,
	    archived, &worst) < 0)
		prog_die_errno("%s", dagq.ids.id[from].dag);
	free(run);
	return worst;
}

/* adds the task, or all tasks, of a run beside the one of an ID: of one that
 * has no such task nothing */
static void
add_other(size_t of, const struct run_entry *e)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	const struct id *id = &dagq.ids.id[of];

	buf_fmt(&text, "%s/%s%s%s", id->dag, e->name, id->task[0] ? "/" : "",
	    id->task);
	if (ids_resolve(&dagq.spool, buf_cstr(&text), IDS_ARCHIVED, &dagq.ids,
	    &why) != 0 && errno != ENOENT) {
		if (why.n == 0)
			prog_die_errno("%s", buf_cstr(&text));
		prog_die(EXIT_BAD, "%s: %s", buf_cstr(&text), buf_cstr(&why));
	}
	buf_free(&text);
	buf_free(&why);
}

/* --past, --future: the same of earlier, of later runs; manual ones are not
 * in that order */
static void
add_others(void)
{
	size_t asked = dagq.ids.n, n;
	struct run_entry *list;
	int64_t t;

	for (size_t i = 0; i < asked; i++) {
		if (run_name_parse(dagq.ids.id[i].run, &t, NULL, NULL) < 0 ||
		    spool_runs(&dagq.spool, dagq.ids.id[i].dag, true, &list,
		    &n) < 0)
			prog_die_errno("%s", dagq.ids.id[i].dag);
		for (size_t k = 0; k < n; k++)
			if (!list[k].manual &&
			    ((dagq.past && list[k].time < t) ||
			    (dagq.future && list[k].time > t)))
				add_other(i, &list[k]);
		free(list);
	}
}

/* goes through the IDs, a run at a time; to archive, a DAG */
static enum exit_code
each_run(enum exit_code worst)
{
	bool archive = dagq.verb == VERB_ARCHIVE;
	struct id *id = dagq.ids.id;
	enum exit_code code;
	size_t end, runs = 0;

	if (dagq.ids.n > ASK_ABOVE && !dagq.yes)
		prog_die(EXIT_BAD, "%zu IDs: more than %d need --yes",
		    dagq.ids.n, ASK_ABOVE);
	if (dagq.ids.n)
		qsort(id, dagq.ids.n, sizeof *id, id_compare);
	for (size_t i = 0; i < dagq.ids.n; i++)
		runs += i == 0 || strcmp(id[i].run, id[i - 1].run) != 0 ||
		    strcmp(id[i].dag, id[i - 1].dag) != 0;
	progress_begin("runs", runs, NULL);
	for (size_t i = 0; i < dagq.ids.n; i = end) {
		for (end = i + 1; end < dagq.ids.n &&
		    strcmp(id[i].dag, id[end].dag) == 0 && (archive ||
		    strcmp(id[i].run, id[end].run) == 0); end++)
			;
		code = archive ? archive_dag(i, end) :
		    dagq.verb == VERB_PURGE ? dagqpurge_run(i) :
		    dagqids_change_run(i, end);
		progress_add(!archive);
		worst = code > worst ? code : worst;
	}
	progress_end();
	return worst;
}

enum exit_code
dagqids_change(int argc, char **argv)
{
	enum exit_code code;

	code = prog_each(argc, argv, add_id, NULL);
	/* one that means nothing: perhaps the others are not meant either */
	if (code != EXIT_OK) {
		ids_free(&dagq.ids);
		return code;
	}
	if (dagq.past || dagq.future)
		add_others();
	code = each_run(EXIT_OK);
	if (dagq.verb == VERB_KILL && dagq.ids.n > 0 && dagq.killed == 0 &&
	    code != EXIT_SYSTEM) {
		prog_warn("%s", dagq.change.whole ? "nothing of that is left "
		    "to be killed: it has ended" : "nothing of that is "
		    "running; --hold keeps it from running, --mark failed "
		    "ends it");
		code = EXIT_BAD;
	}
	ids_free(&dagq.ids);
	dagqids_change_end();
	return code;
}

/* without IDs: whatever ended long enough ago */
enum exit_code
dagqids_archive(int argc, char **argv)
{
	enum exit_code worst = EXIT_OK;

	if (argc > 0)
		return dagqids_change(argc, argv);
	progress_begin("runs", 0, NULL);
	if ((dagq.dry ? sweep_dry(&dagq.spool, dagq.older, archived, &worst) :
	    sweep(&dagq.spool, dagq.older, archived, &worst, NULL)) < 0)
		prog_die_errno("%s", dagq.spool.path);
	return worst;
}
