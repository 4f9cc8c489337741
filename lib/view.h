/* view: runs, tasks and missed slots, as tables for people or as JSON. */
#ifndef VIEW_H
#define VIEW_H

#include "order.h"
#include "row.h"
#include "table.h"

enum view_kind { VIEW_RUNS, VIEW_TASKS, VIEW_MISSED, VIEW_WHYS,
	VIEW_EVENTS, VIEW_DIFFS, VIEW_KINDS };

struct view_missed {
	const char *dag, *run;
	const char *time, *to, *count, *reason;	/* to, count: "" if one */
};

/* something that happened to a task; "" is what is not known */
struct view_event {
	char what[48];		/* how an attempt ended; what was done */
	char when[INSTANT_LEN], end[INSTANT_LEN];
	char attempt[16], exit[16], wall[24], rss[24], host[64], pid[16];
	char user[64], params[256], note[256];
};

/* how it is to look */
struct view_style {
	bool json;
	bool tsv;		/* runs and tasks: cells as they are, tabs */
	bool count;		/* how many lines there are, and no more */
	bool bare;		/* no lines behind '#' */
	bool sort, reverse;
	int by;			/* sort: by this column */
	int col[TABLE_COLS];	/* runs and tasks: these columns, */
	size_t cols;		/* 0: the usual ones */
	const struct term *term;	/* where tables go, or NULL */
};

/* what was added comes out at the end, a table each kind */
struct view {
	struct view_style style;
	int64_t now;		/* how long does run what runs? */
	struct table table[VIEW_KINDS];
	struct order order[VIEW_KINDS];
	const char *head[VIEW_MISSED][TABLE_COLS + 1];	/* runs, tasks */
	struct buf out;		/* JSON, TSV */
	size_t n;		/* rows, of any kind */
};

void view_begin(struct view *, const struct view_style *);
void view_run(struct view *, const struct row_run *);
void view_task(struct view *, const struct row_task *);
void view_missed(struct view *, const struct view_missed *);
/* an answer about a task, a run or a DAG: a line each reason */
void view_why(struct view *, const struct id *, const char *state,
	const char *text);
void view_event(struct view *, const struct id *, const struct view_event *);
/* what differs, and how it is in both; "": it is not there */
void view_diff(struct view *, const struct id *, const char *what,
	const char *first, const char *second);
/* appends it all and frees; with no rows, the head of a table of that kind */
void view_end(struct view *, enum view_kind empty, struct buf *);

#endif
