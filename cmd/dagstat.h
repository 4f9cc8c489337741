/* dagstat: what dagstat was asked for, and its parts. */
#ifndef DAGSTAT_H
#define DAGSTAT_H

#include "filter.h"
#include "ids.h"
#include "prog.h"
#include "statlog.h"
#include "view.h"

enum mode { MODE_LIST, MODE_MISSED, MODE_BLOCKED, MODE_LATE, MODE_PAUSED,
	MODE_LOG, MODE_WAIT, MODE_WHY, MODE_HISTORY, MODE_DIFF,
	MODE_USAGE, MODE_VALUES, MODE_METRICS, MODE_BADGE, MODE_STATS,
	MODE_HTML, MODE_GRID, MODE_GANTT, MODE_GRAPH, MODE_WATCH, MODES };

struct dagstat {
	enum mode mode;
	bool all, tasks;	/* tasks: of DAGs, too, a line a task */
	struct view_style style;
	enum term_when color;
	struct term term;	/* stdout */
	struct filter filter;
	const char *dir;
	const char *html;	/* where pages are written */
	struct statlog log;
	struct spool spool;
	struct ids ids;
	bool restricted;	/* to ids; else whatever there is */
};

extern struct dagstat dagstat;

/* prints, or dies of what befell the text */
void dagstat_put(const struct buf *);
/* what is damaged is told, by errno; dies of all else */
enum exit_code dagstat_damaged(const char *thing);
/* an error about an ID, in words or errno's */
enum exit_code dagstat_bad_id(const char *id, const struct buf *why);
/* collects what an ID stands for; arg: NULL, or flags, and there may be none */
enum exit_code dagstat_add_id(const char *text, void *arg);
/* replaces the IDs that stand for more: a DAG by its runs that are not
 * archived, a run by its tasks */
enum exit_code dagstat_expand(bool tasks);

/* the lines that come before all others */
void statlist_notices(bool all);
void statlist_begin(struct view *);
void statlist_end(struct view *, enum view_kind empty);
/* a line a run, a task, a missed slot */
enum exit_code statlist(void);
/* what to show of a spool that is not there yet: an empty one */
enum exit_code statlist_no_spool(void);

/* --usage */
enum exit_code statusage(void);

/* --values */
enum exit_code statvalues(void);

/* --html */
enum exit_code stathtml(void);

/* --stats */
enum exit_code statstats(void);
/* what is asked of it: DAG or DAG/TASK */
enum exit_code statstats_add_id(const char *text, void *arg);

/* --metrics, --badge */
enum exit_code statpaper_metrics(void);
enum exit_code statpaper_badge(void);

/* --wait */
enum exit_code statwait(void);

/* --why */
enum exit_code statask_why(void);
/* --history, --diff */
enum exit_code statpast_history(void);
enum exit_code statpast_diff(void);
/* --grid, --gantt, --graph */
enum exit_code statpic_grid(void);
enum exit_code statpic_gantt(void);
enum exit_code statpic_graph(void);
/* --watch */
enum exit_code statwatch(void);
/* asks of each ID that is left when DAGs are replaced by their runs */
enum exit_code statask(int (*f)(const struct id *, struct view *,
	struct buf *), enum view_kind);
/* the same, and then more lines */
enum exit_code statask_more(int (*f)(const struct id *, struct view *,
	struct buf *), enum view_kind, void (*more)(struct view *));
/* --blocked, --late, --paused: a line for each task, or DAG, that is so */
enum exit_code statask_blocked(void);
enum exit_code statask_late(void);
enum exit_code statask_paused(void);

#endif
