/* row: a run or a task in a line: the columns that it can have. */
#ifndef ROW_H
#define ROW_H

#include "ids.h"
#include "marker.h"
#include "term.h"

struct row_run {
	const struct id *id;
	enum run_state state;
	bool counted;		/* tasks and count are known */
	unsigned tasks, count[STATES];
	char start[INSTANT_LEN], end[INSTANT_LEN], cause[24];
};

/* sum's empty texts are what is not known */
struct row_task {
	const struct id *id;
	struct instance in;
	const struct marker_sum *sum;
	const struct plan *plan;	/* that it is task number of */
	uint32_t number;
};

/* one of both, the other NULL */
struct row {
	const struct row_run *run;
	const struct row_task *task;
	int64_t now;		/* how long does run what runs? */
	const struct term *term;	/* where it is shown, or NULL */
};

struct row_col {
	const char *name;
	const char *head;	/* ">HEAD": a number, aligned to the right */
};

enum { ROW_COLS = 18 };

/* ended by a column without a name; most are of both runs and tasks */
extern const struct row_col row_cols[ROW_COLS + 1];

/* the number of the column of that name, or -1 */
int row_find(const char *name, size_t n);
/* does a line of a run, of a task, have that column? */
bool row_of_run(int col);
bool row_of_task(int col);
/* appends a cell: as it is (seconds, KiB), or as people like it: on a terminal
 * how long ago an instant was, and a bar of what is done where it is wide */
void row_raw(const struct row *, int col, struct buf *);
void row_shown(const struct row *, int col, struct buf *);
/* the colour of a cell */
enum term_hue row_hue(const struct row *, int col);
/* seconds that it took, or takes; -1: it has not begun, or nobody knows */
double row_elapsed(const struct row *);
/* when it began, when it ended: RFC 3339, or "" */
const char *row_start(const struct row *);
const char *row_end(const struct row *);
/* the last attempt of a task, 0: none yet; a run's is 0 */
unsigned row_attempt(const struct row *);

/* seconds from one written instant to another, -1: they are none */
double row_seconds(const char *from, const char *to);
/* appends seconds as people like them, 0.012s, 12.3s, 1h2m; KiB, as 2.3M;
 * nothing for "" */
void row_put_seconds(struct buf *, const char *);
void row_put_memory(struct buf *, const char *);
/* an instant without its fraction */
void row_instant(char [INSTANT_LEN], const char *);

#endif
