/* view: runs, tasks and missed slots, as tables for people or as JSON. */
#ifndef VIEW_H
#define VIEW_H

#include "ids.h"
#include "marker.h"
#include "table.h"

enum view_kind { VIEW_RUNS, VIEW_TASKS, VIEW_MISSED, VIEW_WHYS, VIEW_KINDS };

struct view_run {
	const struct id *id;
	enum run_state state;
	bool counted;		/* tasks and count are known */
	unsigned tasks, count[STATES];
	char start[INSTANT_LEN], end[INSTANT_LEN], cause[24];
};

struct view_missed {
	const char *dag, *run;
	const char *time, *to, *count, *reason;	/* to, count: "" if one */
};

/* what was added comes out at the end, a table each kind */
struct view {
	bool json;
	bool bare;		/* no lines behind '#' */
	int64_t now;		/* how long does run what runs? */
	struct table runs, tasks, missed, whys;
	struct buf out;		/* JSON */
	size_t n;		/* rows, of any kind */
};

void view_begin(struct view *, bool json);
void view_run(struct view *, const struct view_run *);
/* sum's empty texts are what is not known */
void view_task(struct view *, const struct id *, struct instance,
	const struct marker_sum *sum);
void view_missed(struct view *, const struct view_missed *);
/* why a task or run is as it is: a line each reason */
void view_why(struct view *, const struct id *, const char *state,
	const char *text);
/* appends it all and frees; with no rows, the head of a table of that kind */
void view_end(struct view *, enum view_kind empty, struct buf *);

/* seconds from one written instant to another, -1: they are none */
double view_seconds(const char *from, const char *to);
/* an instant without its fraction */
void view_instant(char [INSTANT_LEN], const char *);

#endif
