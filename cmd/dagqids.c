/* dagqids: the verbs of dagq that take IDs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dagqids.h"
#include "ids.h"
#include "kill.h"
#include "latest.h"
#include "renew.h"
#include "retire.h"
#include "sweep.h"

enum { ASK_ABOVE = 100 };	/* IDs that a verb takes without --yes */

static struct ids ids;
static struct latest latest;

/* of ids[from..): to archive what is archived is to do nothing */
static void
drop_archived(size_t from)
{
	size_t kept = from;

	for (size_t i = from; i < ids.n; i++)
		if (!ids.id[i].archived)
			ids.id[kept++] = ids.id[i];
	ids.n = kept;
}

/* collects what an ID stands for */
static enum exit_code
add_id(const char *text, void *arg)
{
	struct buf why = BUF_INIT;
	size_t old = ids.n;
	int x;

	(void)arg;
	x = ids_resolve(&dagq.spool, text,
	    dagq.verb == VERB_RERUN || dagq.verb == VERB_ARCHIVE ?
	    IDS_ARCHIVED : 0, &ids, &why);
	if (x < 0) {
		if (why.n == 0)
			prog_die_errno("%s", text);
		prog_warn("%s: %s", text, buf_cstr(&why));
	}
	buf_free(&why);
	if (dagq.verb == VERB_ARCHIVE)
		drop_archived(old);
	for (size_t i = old; x == 0 && i < ids.n; i++)
		if (!ids.id[i].run[0]) {
			prog_warn("%s: that is all runs of a DAG; say '%s/*' "
			    "if you mean it", text, text);
			ids.n = old;
			return EXIT_BAD;
		}
	return x < 0 ? EXIT_BAD : EXIT_OK;
}

static const char *
done_word(void)
{
	switch (dagq.verb) {
	case VERB_RERUN: return "rerun";
	case VERB_HOLD: return "held";
	case VERB_RELEASE: return "released";
	default: return state_name(dagq.change.mark);
	}
}

static void
changed(const struct run *r, const char *task, enum state from, void *arg)
{
	(void)arg;
	if (prog_verbose >= 0)
		printf("%s/%s/%s\t%s\tfrom=%s\n", r->dag, r->name, task,
		    done_word(), state_name(from));
}

static void
refused(const struct run *r, const char *task, const char *why, void *arg)
{
	*(enum exit_code *)arg = EXIT_BAD;
	prog_warn("%s/%s/%s: %s", r->dag, r->name, task, why);
}

static unsigned killed;

/* kills what runs of the chosen tasks of a run */
static enum exit_code
kill_tasks(struct run *r, const bool *chosen)
{
	struct instance *inst = malloc(r->plan->n * sizeof *inst);
	enum exit_code code = EXIT_OK;
	char task[TASK_LEN + 1];
	int x;

	if (!inst || run_states(r, inst) < 0)
		prog_die_errno("%s/%s", r->dag, r->name);
	for (uint32_t t = 0; t < r->plan->n; t++) {
		if (!chosen[t])
			continue;
		plan_name(r->plan, t, task);
		if (inst[t].state != STATE_RUNNING) {
			if (ids.n == 1 && ids.id[0].task[0])
				prog_warn("%s/%s/%s: it is %s", r->dag,
				    r->name, task, state_name(inst[t].state));
			continue;
		}
		killed++;
		x = kill_attempt(r, t, inst[t].attempt, dagq.change.note);
		if (x < 0) {
			prog_warn_errno("%s/%s/%s", r->dag, r->name, task);
			code = EXIT_SYSTEM;
		} else if (x && prog_verbose >= 0)
			printf("%s/%s/%s\tkilled\n", r->dag, r->name, task);
	}
	free(inst);
	return code;
}

static int
open_run(const struct id *id, struct run *r)
{
	struct buf why = BUF_INIT;
	int x;

	if (id->archived &&
	    retire_restore(&dagq.spool, id->dag, id->run, &why) < 0 &&
	    errno != EEXIST) {
		if (why.n)
			prog_warn("%s/%s: %s", id->dag, id->run,
			    buf_cstr(&why));
		else
			prog_warn_errno("%s/%s", id->dag, id->run);
		buf_free(&why);
		return -1;
	}
	x = run_open(&dagq.spool, id->dag, id->run, r);
	if (x == 0 && run_plan(r, &why) < 0) {
		prog_warn("%s/%s: its plan: %s", id->dag, id->run,
		    why.n ? buf_cstr(&why) : strerror(errno));
		run_close(r);
		x = -1;
	} else if (x < 0)
		prog_warn_errno("%s/%s", id->dag, id->run);
	buf_free(&why);
	return x;
}

/* says, once a DAG, that its file is not what its runs were made from */
static void
tell_changed(const struct run *r, const char *how)
{
	static char told[NAME_LEN + 1];

	if (strcmp(told, r->dag) == 0 || prog_verbose < 0)
		return;
	snprintf(told, sizeof told, "%s", r->dag);
	prog_warn("%s: %s %s since %s was made: it runs as it was; "
	    "--latest takes the file as it is", r->dag, latest.path, how,
	    r->name);
}

/* which of ids[from..to) the plan has; EXIT_BAD: one is not in it */
static enum exit_code
choose(const struct plan *p, size_t from, size_t to, bool *chosen)
{
	const char *task;
	int64_t t;

	for (size_t i = from; i < to; i++) {
		task = ids.id[i].task;
		t = plan_find(p, task, strlen(task));
		if (task[0] && t < 0) {
			prog_warn("%s/%s/%s: %s has no such task now",
			    ids.id[i].dag, ids.id[i].run, task, latest.path);
			return EXIT_BAD;
		}
		for (uint32_t k = 0; k < p->n; k++)
			chosen[k] |= !task[0] || k == t;
	}
	return EXIT_OK;
}

/* --latest: gives the run, if it needs it, the definition of today */
static enum exit_code
renew(struct run *r, size_t from, size_t to)
{
	struct buf why = BUF_INIT;
	enum exit_code code;
	struct id id = ids.id[from];
	bool *chosen;

	switch (latest_look(&latest, r)) {
	case LATEST_SAME:
		return EXIT_OK;
	case LATEST_CHANGED:
		break;
	case LATEST_GONE:
		prog_warn("%s: its DAG file is not there", r->dag);
		return EXIT_BAD;
	case LATEST_BAD:
		prog_warn("%s: %s", r->dag, buf_cstr(&latest.why));
		return EXIT_BAD;
	case LATEST_ERROR:
		prog_warn_errno("%s", r->dag);
		return EXIT_SYSTEM;
	}
	chosen = calloc(latest.plan.n, sizeof *chosen);
	if (!chosen)
		prog_die_errno("%s", r->dag);
	code = choose(&latest.plan, from, to, chosen);
	free(chosen);
	if (code != EXIT_OK)
		return code;
	run_close(r);
	if (renew_run(&dagq.spool, id.dag, id.run, &latest.plan, &why) < 0) {
		code = errno == EBUSY || errno == EINVAL ? EXIT_BAD :
		    EXIT_SYSTEM;
		if (why.n)
			prog_warn("%s/%s: %s", id.dag, id.run, buf_cstr(&why));
		else
			prog_warn_errno("%s/%s", id.dag, id.run);
	}
	id.archived = false;
	buf_free(&why);
	return open_run(&id, r) < 0 ? EXIT_BAD : code;
}

/* what a rerun does about a DAG file that changed; r is open still, or
 * open again */
static enum exit_code
look_at_file(struct run *r, size_t from, size_t to)
{
	if (dagq.change.latest)
		return renew(r, from, to);
	switch (latest_look(&latest, r)) {
	case LATEST_CHANGED:
		tell_changed(r, "has changed");
		break;
	case LATEST_BAD:
		tell_changed(r, "has changed, and has errors,");
		break;
	default:
		break;
	}
	return EXIT_OK;
}

/* ids[from..to) are of one run */
static enum exit_code
change_one(size_t from, size_t to)
{
	enum exit_code code = EXIT_OK;
	struct run r;
	bool *chosen;

	if (open_run(&ids.id[from], &r) < 0)
		return EXIT_BAD;
	if (dagq.verb == VERB_RERUN &&
	    (code = look_at_file(&r, from, to)) != EXIT_OK) {
		run_close(&r);
		return code;
	}
	chosen = calloc(r.plan->n, sizeof *chosen);
	if (!chosen)
		prog_die_errno("%s", ids.id[from].dag);
	choose(r.plan, from, to, chosen);
	if (dagq.verb == VERB_KILL)
		code = kill_tasks(&r, chosen);
	else {
		dagq.change.arg = &code;
		if (change_run(&dagq.change, &r, chosen) < 0) {
			prog_warn_errno("%s/%s", r.dag, r.name);
			code = EXIT_SYSTEM;
		}
	}
	free(chosen);
	run_close(&r);
	return code;
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
	if (!error && prog_verbose >= 0)
		printf("%s/%s\tarchived\n", dag, run);
	*worst = code > *worst ? code : *worst;
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
		if (n == 0 || strcmp(run[n - 1], ids.id[i].run) != 0)
			run[n++] = ids.id[i].run;
	if (retire_runs(&dagq.spool, ids.id[from].dag, run, n, archived,
	    &worst) < 0)
		prog_die_errno("%s", ids.id[from].dag);
	free(run);
	return worst;
}

/* goes through the IDs, a run at a time; to archive, a DAG */
static enum exit_code
each_run(enum exit_code worst)
{
	bool archive = dagq.verb == VERB_ARCHIVE;
	enum exit_code code;
	size_t end;

	if (ids.n > ASK_ABOVE && !dagq.yes)
		prog_die(EXIT_BAD, "%zu IDs: more than %d need --yes", ids.n,
		    ASK_ABOVE);
	if (ids.n)
		qsort(ids.id, ids.n, sizeof *ids.id, id_compare);
	for (size_t i = 0; i < ids.n; i = end) {
		for (end = i + 1; end < ids.n &&
		    strcmp(ids.id[i].dag, ids.id[end].dag) == 0 && (archive ||
		    strcmp(ids.id[i].run, ids.id[end].run) == 0); end++)
			;
		code = archive ? archive_dag(i, end) : change_one(i, end);
		worst = code > worst ? code : worst;
	}
	return worst;
}

enum exit_code
dagqids_change(int argc, char **argv)
{
	enum exit_code code;

	dagq.change.changed = changed;
	dagq.change.refused = refused;
	code = each_run(prog_each(argc, argv, add_id, NULL));
	ids_free(&ids);
	latest_free(&latest);
	if (dagq.verb == VERB_KILL && code == EXIT_OK && killed == 0) {
		prog_warn("nothing of that is running; --hold keeps it from "
		    "running, --mark failed ends it");
		code = EXIT_BAD;
	}
	return code;
}

/* without IDs: whatever ended long enough ago */
enum exit_code
dagqids_archive(int argc, char **argv)
{
	enum exit_code worst = EXIT_OK;

	if (argc > 0)
		return dagqids_change(argc, argv);
	if (sweep(&dagq.spool, dagq.older, archived, &worst, NULL) < 0)
		prog_die_errno("%s", dagq.spool.path);
	return worst;
}
