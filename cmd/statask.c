/* statask: dagstat's answers: a line for each thing that needs a person. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "blocked.h"
#include "dagpath.h"
#include "dagstat.h"
#include "forecast.h"
#include "instant.h"
#include "late.h"
#include "notice.h"
#include "overdue.h"
#include "why.h"

enum exit_code
statask(int (*f)(const struct id *, struct view *, struct buf *),
    enum view_kind kind)
{
	return statask_more(f, kind, NULL);
}

enum exit_code
statask_more(int (*f)(const struct id *, struct view *, struct buf *),
    enum view_kind kind, void (*more)(struct view *))
{
	enum exit_code r;
	struct buf text = BUF_INIT, reason = BUF_INIT;
	struct view v;

	r = dagstat_expand(false);
	statlist_notices(false);
	statlist_begin(&v);
	for (size_t i = 0; i < dagstat.ids.n; i++) {
		buf_reset(&reason);
		buf_reset(&text);
		id_text(&text, &dagstat.ids.id[i]);
		if (f(&dagstat.ids.id[i], &v, &reason) < 0)
			r = dagstat_bad_id(buf_cstr(&text), &reason);
	}
	if (more)
		more(&v);
	statlist_end(&v, kind);
	buf_free(&text);
	buf_free(&reason);
	return r;
}

/* without IDs: the runs of all DAGs that are not archived */
static void
ask_all(void)
{
	struct names dags;

	if (dagstat.restricted)
		return;
	if (spool_dags(&dagstat.spool, &dags) < 0)
		prog_die_errno("%s", dagstat.spool.path);
	for (size_t i = 0; i < dags.n; i++)
		dagstat_add_id(dags.name[i], NULL);
	names_free(&dags);
}

static int
why(const struct id *id, struct view *v, struct buf *reason)
{
	return why_explain(&dagstat.spool, id, v, reason);
}

enum exit_code
statask_why(void)
{
	return statask(why, VIEW_WHYS);
}

static int
blocked(const struct id *id, struct view *v, struct buf *reason)
{
	return blocked_run(&dagstat.spool, id, v, reason);
}

enum exit_code
statask_blocked(void)
{
	ask_all();
	return statask(blocked, VIEW_WHYS);
}

/* what will be late, if all goes as usual */
static int
forecast(struct late *known, const struct id *id, struct view *v,
    struct buf *reason)
{
	struct look look;
	int x;

	if (look_open(&dagstat.spool, id, &look, reason) < 0)
		return -1;
	x = forecast_run(known, &dagstat.spool, &look, id->task[0] ?
	    plan_find(look.plan, id->task, strcspn(id->task, "+")) : -1, v);
	look_close(&look);
	return x;
}

static int
late(const struct id *id, struct view *v, struct buf *reason)
{
	static struct late known;
	int x = late_run(&known, &dagstat.spool, id, v, reason);

	return x < 0 ? -1 : forecast(&known, id, v, reason);
}

/* how many tasks of a DAG are ready */
static unsigned
ready(const struct names *queue, const char *name)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	unsigned n = 0;

	for (size_t i = 0; i < queue->n; i++)
		n += queue_parse(queue->name[i], dag, run, task) == 0 &&
		    strcmp(dag, name) == 0;
	return n;
}

/* was this DAG asked about? */
static bool
wanted(const struct ids *ids, const char *dag)
{
	for (size_t i = 0; i < ids->n; i++)
		if (strcmp(ids->id[i].dag, dag) == 0)
			return true;
	return !dagstat.restricted;
}

static enum exit_code worst = EXIT_OK;	/* of what is overdue */
static struct ids named;	/* the DAGs of --late, before they are runs */

/* slots that are due and have no run */
static void
overdue(struct view *v)
{
	struct buf why = BUF_INIT, b = BUF_INIT;
	char **paths, first[INSTANT_LEN];
	struct overdue o;
	struct id id = {0};
	size_t n;
	int x;

	if (dagpath_list(NULL, 0, &paths, &n, &why) < 0)
		prog_die_errno("DAG_PATH");
	for (size_t i = 0; i < n; i++) {
		x = overdue_file(&dagstat.spool, paths[i], &o);
		if (!wanted(&named, o.dag))
			continue;
		if (x < 0)
			worst = dagstat_damaged(o.dag);
		if (x < 0 || o.count == 0)
			continue;
		snprintf(id.dag, sizeof id.dag, "%s", o.dag);
		instant_format(first, o.first, 0);
		buf_reset(&b);
		buf_fmt(&b, "%lld slot%s due and without a run, the first "
		    "since %s: dagsched %s | dagq", (long long)o.count,
		    o.count == 1 ? " is" : "s are", first, o.dag);
		view_why(v, &id, "due", buf_cstr(&b));
	}
	dagpath_free(paths, n);
	buf_free(&b);
	buf_free(&why);
}

enum exit_code
statask_late(void)
{
	enum exit_code r;

	ask_all();
	for (size_t i = 0; i < dagstat.ids.n; i++)
		if (!ids_add(&named, dagstat.ids.id[i].dag, "", ""))
			prog_die_errno("%s", dagstat.ids.id[i].dag);
	r = statask_more(late, VIEW_WHYS, overdue);
	ids_free(&named);
	return r > worst ? r : worst;
}

enum exit_code
statask_paused(void)
{
	struct names dags, queue;
	struct buf b = BUF_INIT, since = BUF_INIT;
	struct id id = {0};
	struct view v;
	unsigned n;

	if (names_list(dagstat.spool.fd, "dags", &dags) < 0 ||
	    names_list(dagstat.spool.fd, "queue", &queue) < 0)
		prog_die_errno("%s", dagstat.spool.path);
	statlist_begin(&v);
	for (size_t i = 0; i < dags.n; i++) {
		if (!name_ok(dags.name[i], strlen(dags.name[i])) ||
		    !wanted(&dagstat.ids, dags.name[i]) ||
		    !notice_paused(&dagstat.spool, dags.name[i], &since))
			continue;
		snprintf(id.dag, sizeof id.dag, "%s", dags.name[i]);
		n = ready(&queue, id.dag);
		buf_reset(&b);
		if (since.n)
			buf_fmt(&b, "%s; ", buf_cstr(&since) + 1);
		buf_fmt(&b, "%u of its tasks %s ready: dagq --resume %s", n,
		    n == 1 ? "is" : "are", id.dag);
		buf_reset(&since);
		view_why(&v, &id, "paused", buf_cstr(&b));
	}
	statlist_end(&v, VIEW_WHYS);
	names_free(&dags);
	names_free(&queue);
	buf_free(&b);
	buf_free(&since);
	return EXIT_OK;
}
