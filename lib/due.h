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
	int64_t first;		/* a run: the first of the slots that its data
				 * interval covers, time if it is one slot */
	const char *text;	/* the run's cause, or the reason */
};

enum due_catchup { CATCHUP_NONE, CATCHUP_LAST, CATCHUP_ALL, CATCHUP_MERGE };
enum due_overlap { DUE_QUEUE, DUE_SKIP, DUE_LATEST, DUE_CANCEL };

/* what the keys of a dag record ask for */
struct due_policy {
	enum due_catchup catchup;
	enum due_overlap overlap;
	int64_t grace, window;	/* seconds; window: INT64_MAX if not said */
	int64_t runs;		/* max-active-runs */
};

/* a pass over the undecided slots; private, but made by the caller */
struct due {
	const struct slots *slots;
	const struct known *known;
	struct due_policy policy;
	int64_t now;
	int64_t room;		/* runs that may still be made */
	bool held;		/* a slot was left undecided: no room for it */
	int64_t at;		/* the slot looked at last */
	int64_t newest;		/* the last one up to now */
	int64_t chosen;		/* the one that is to run, if only one is */
	int64_t first;		/* the first that a merged run covers */
	int64_t wake;		/* when there will be more; INT64_MAX: never */
	bool end, flush, pending, taken;
	int64_t run;		/* to be handed out behind the missed ones */
	size_t head, n;
	struct due_item range;	/* those that did not fit, count of them */
	const char *reason;	/* of all these */
	int64_t ring[DUE_SINGLE];	/* the last: n of it from head on */
};

/* reads catchup=, catchup-window=, grace=, overlap= and max-active-runs= of
 * a dag record; 0, or -1 and in why what is wrong */
int due_policy(struct due_policy *, const struct rec *dag, struct buf *why);
/*
 * Begins a pass: what is due at now, by a policy, the DAG's slots and what is
 * known; unseen as due_unseen says; active is how many of its runs have not
 * ended.
 */
void due_begin(struct due *, const struct due_policy *, bool unseen,
	const struct slots *, const struct known *, int64_t active,
	int64_t now);
/* the next item, by time; 1, or 0: no more */
int due_next(struct due *, struct due_item *);
/* the instant after which slots count, of a schedule that is known */
int64_t due_from(const struct slots *, const struct known *);
/* has the spool to be told of this schedule first? */
bool due_unseen(const struct rec *dag, const struct slots *,
	const struct known *);

#endif
