/* ready: the ready tasks that a dagexec knows of, in the order of claims. */
#ifndef READY_H
#define READY_H

#include "nameset.h"
#include "spool.h"

/*
 * In memory, a hint: queue/ is the truth. Order: priority; then the share that
 * has the fewest tasks out, of these the one that was served longest ago; then
 * older logical time, then order in the plan. A share is a DAG's backfills, or
 * the rest of its runs. Tasks of one pool and share wait together, since when
 * one of them finds it full, all do.
 */
struct ready_task {
	char *file;		/* its marker's name in queue/ */
	int64_t time;		/* the run's */
	int64_t due;		/* 0, or when it may be claimed */
	int32_t priority;
	uint32_t order;		/* in the plan, */
	uint32_t part;		/* and of an instance in its task */
	unsigned group;		/* index of its pool spec and share */
};

struct ready_share {
	char dag[NAME_LEN + 1];
	bool backfill;
	unsigned out;		/* tasks handed out that have not come back */
	unsigned long served;	/* when it last was, in claims; 0: never */
};

struct ready_group {
	unsigned share;		/* index */
	char *pool;		/* as the plan has it: "db:2 net"; "" */
	bool full;		/* one was refused, since then none was freed */
	char lacks[NAME_LEN + 1];	/* the pool that is kept for it then */
	bool bound;		/* what is handed out leaves too few slots */
	bool told;		/* that it has too few slots */
	unsigned size;		/* slots of its first pool; 0: not looked up */
	struct ready_task *heap;
	size_t n, cap;
};

struct ready {
	struct ready_group *group;
	size_t ngroup;
	struct ready_share *share;
	size_t nshare;
	unsigned long claims;
	struct ready_task *later;	/* a heap by due */
	size_t nlater, caplater;
	struct nameset known;	/* files that are in it */
};

/* sets where a task of a plan is in the order */
void ready_order(struct ready_task *, const struct plan *, uint32_t task);
/* is one claimed before the other? */
bool ready_before(const struct ready_task *, const struct ready_task *);
/* would it be claimed before all that are in it and may be claimed? */
bool ready_first(const struct ready *, const struct ready_task *);
/* adds one, of a DAG's backfills or not, unless it is in it; takes file over
 * (malloc'ed). -1 ENOMEM */
int ready_add(struct ready *, struct ready_task, const char *pool,
	const char *dag, bool backfill);
/* takes out the next that may be claimed now; the caller frees file, and says
 * when the task is back */
bool ready_next(struct ready *, int64_t now, struct ready_task *);
void ready_back(struct ready *, unsigned group);
/* the one that it would take out, NULL: none */
const struct ready_task *ready_peek(struct ready *, int64_t now);
/* one more of that group is handed out, which was not in it */
void ready_out(struct ready *, unsigned group);
/* puts back what was taken out and handed to nobody, once ready_back has said
 * so; takes file over; -1 ENOMEM */
int ready_return(struct ready *, struct ready_task);
/* is another to be handed out before one that was taken out: one that is more
 * urgent, or of its share and earlier? */
bool ready_overtaken(const struct ready *, const struct ready_task *);
/* the instant at which the next one falls due, 0: none is waiting for time */
int64_t ready_due(const struct ready *);
/*
 * A group has been found without slots enough, in that pool: what is later in
 * the order and wants it too waits behind it, lest many small ones keep it for
 * ever from one that needs several slots. "": nothing is kept for it.
 */
void ready_full(struct ready *, unsigned group, const char *pool);
/* how many slots of a pool a list of them asks for */
unsigned ready_weight(const char *list, const char *pool);
/* a pool may have room again (NULL: all of them) */
void ready_room(struct ready *, const char *pool);
/* drops those that keep says no of */
void ready_prune(struct ready *, bool (*keep)(const struct ready *,
	const struct ready_task *, void *), void *);
/* the DAG that it is of */
const char *ready_dag(const struct ready *, const struct ready_task *);
/* how many are in it, also those that are not due or whose pool is full */
size_t ready_count(const struct ready *);
/* empties it */
void ready_clear(struct ready *);

#endif
