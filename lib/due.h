/* due: which slots of a DAG are to be decided now, and how. */
#ifndef DUE_H
#define DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct known;
struct rec;
struct slots;

/* missed slots in a row that are told one by one; older ones as a range */
enum { DUE_SINGLE = 1000 };

enum due_kind { DUE_RUN, DUE_MISSED };

/* a slot that becomes a run, or slots that are passed over */
struct due_item {
	enum due_kind kind;
	int64_t time, to;	/* to: the last one, time if it is one slot */
	int64_t count;		/* of slots */
	const char *text;	/* the run's cause, or the reason */
};

enum due_catchup { CATCHUP_NONE, CATCHUP_LAST, CATCHUP_ALL };

/* a pass over the undecided slots; private, but made by the caller */
struct due {
	const struct slots *slots;
	const struct known *known;
	enum due_catchup catchup;
	int64_t grace, now;
	int64_t at;		/* the slot looked at last */
	int64_t newest;		/* the last one up to now */
	int64_t wake;		/* when there will be more; INT64_MAX: never */
	bool end, flush, pending;
	int64_t run;		/* to be handed out behind the missed ones */
	int64_t ring[DUE_SINGLE];
	size_t head, n;
	struct due_item range;	/* those that did not fit, count of them */
};

/*
 * Begins a pass: what is due at now, by the catchup= and grace= of a dag
 * record, its slots and what is known. 0, or -1 and in why what is wrong.
 */
int due_begin(struct due *, const struct rec *dag, const struct slots *,
	const struct known *, int64_t now, struct buf *why);
/* the next item, by time; 1, or 0: no more */
int due_next(struct due *, struct due_item *);
/* has the spool to be told of this schedule first? */
bool due_unseen(const struct rec *dag, const struct slots *,
	const struct known *);

#endif
