/* statlist: dagstat's listings of runs, tasks and missed slots. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dagstat.h"
#include "list.h"
#include "notice.h"
#include "text.h"

/* of a million names that are not ours a few are enough */
static void
fault(const char *thing, const char *why)
{
	enum { FAULTS = 20 };
	static unsigned told;

	if (told < FAULTS)
		prog_warn("%s: %s", thing, why);
	else if (told == FAULTS)
		prog_warn("there is more that cannot be read: dagq --check");
	told += told <= FAULTS;
}

/* what was listed of a DAG; of one that is damaged it is told, and the others
 * are listed all the same */
static int
listed(struct list *l, const char *dag, int x)
{
	if (x == 0 || !run_damaged(errno))
		return x;
	prog_warn_errno("%s", dag);
	l->faults++;
	return 0;
}

/* runs a listing over what was asked for: the IDs, or all there is */
static int
list_all(struct list *l)
{
	struct names dags;
	int x = 0;

	if (spool_dags(&dagstat.spool, &dags) < 0)
		return -1;
	for (size_t i = 0; i < dags.n && x == 0; i++)
		x = listed(l, dags.name[i], dagstat.mode == MODE_MISSED ?
		    list_missed(l, dags.name[i]) : dagstat.tasks ?
		    list_dag_tasks(l, dags.name[i], dagstat.all) :
		    list_runs(l, dags.name[i], dagstat.all));
	names_free(&dags);
	return x;
}

/* n IDs of one run, or one of a DAG */
static int
list_some(struct list *l, const struct id *id, size_t n)
{
	if (dagstat.mode == MODE_MISSED)
		return list_missed(l, id->dag);
	if (id->run[0])
		return list_tasks(l, id, n);
	return dagstat.tasks ? list_dag_tasks(l, id->dag, dagstat.all) :
	    list_runs(l, id->dag, true);
}

/* the first line says where, all others that something needs a person */
static void
put_notices(const struct buf *b)
{
	struct buf out = BUF_INIT;
	size_t n = 0;
	bool first;

	for (const char *p = b->p; !b->err && b->n > 0 && p < b->p + b->n;
	    p += n + 1) {
		first = p == b->p;
		n = strcspn(p, "\n");
		term_paint(&out, &dagstat.term, first ? HUE_DIM : HUE_BUSY, p,
		    n);
		buf_ch(&out, '\n');
	}
	if (b->err)
		out.err = b->err;
	dagstat_put(&out);
	buf_free(&out);
}

void
statlist_notices(bool all)
{
	struct buf b = BUF_INIT;

	if (dagstat.style.json || dagstat.style.count || prog_verbose < 0)
		return;
	if (notice_spool(&dagstat.spool, &b) < 0)
		prog_die_errno("%s", dagstat.spool.path);
	if (all)
		notice_files(&b);
	buf_cstr(&b);
	put_notices(&b);
	buf_free(&b);
}

void
statlist_begin(struct view *v)
{
	dagstat.style.bare = prog_verbose < 0;
	view_begin(v, &dagstat.style);
}

void
statlist_end(struct view *v, enum view_kind empty)
{
	struct buf b = BUF_INIT;

	view_end(v, empty, &b);
	dagstat_put(&b);
	buf_free(&b);
}

/* how many of n IDs, from the first, are of its run */
static size_t
alike(const struct id *id, size_t n)
{
	size_t k = 1;

	if (dagstat.mode == MODE_MISSED || !id->run[0])
		return 1;
	while (k < n && strcmp(id[k].run, id->run) == 0 &&
	    strcmp(id[k].dag, id->dag) == 0)
		k++;
	return k;
}

enum exit_code
statlist(void)
{
	const struct id *id = dagstat.ids.id;
	bool plain = dagstat.mode == MODE_LIST && !dagstat.tasks;
	bool tasks = dagstat.tasks;
	struct view v;
	struct list l = { .spool = &dagstat.spool, .view = &v,
	    .filter = dagstat.filter, .fault = fault };
	int x = 0;

	statlist_notices(!dagstat.restricted && plain);
	statlist_begin(&v);
	if (!dagstat.restricted)
		x = list_all(&l);
	for (size_t i = 0, n; i < dagstat.ids.n && x == 0; i += n) {
		n = alike(&id[i], dagstat.ids.n - i);
		tasks = tasks || id[i].run[0];
		x = listed(&l, id[i].dag, list_some(&l, &id[i], n));
	}
	if (x < 0)
		prog_die_errno("%s", dagstat.spool.path);
	statlist_end(&v, dagstat.mode == MODE_MISSED ? VIEW_MISSED : tasks ?
	    VIEW_TASKS : VIEW_RUNS);
	return l.faults ? EXIT_BAD : EXIT_OK;
}

enum exit_code
statlist_no_spool(void)
{
	char *path = spool_path(dagstat.dir);
	struct buf b = BUF_INIT;
	struct view v;

	if (dagstat.restricted || dagstat.mode >= MODE_METRICS)
		prog_die(EXIT_BAD, "%s: %s", path ? path : "spool",
		    spool_reason(ENOENT));
	if (!dagstat.style.json && !dagstat.style.count && prog_verbose >= 0) {
		buf_str(&b, "# spool ");
		text_plain(&b, path ? path : "", path ? strlen(path) : 0);
		buf_str(&b, ", which is not there yet\n");
		if (dagstat.mode == MODE_LIST && !dagstat.tasks)
			notice_files(&b);
		dagstat_put(&b);
	}
	statlist_begin(&v);
	statlist_end(&v, dagstat.mode == MODE_MISSED ? VIEW_MISSED :
	    dagstat.mode != MODE_LIST ? VIEW_WHYS : dagstat.tasks ?
	    VIEW_TASKS : VIEW_RUNS);
	buf_free(&b);
	free(path);
	return EXIT_OK;
}
