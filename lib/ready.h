/* ready: the ready tasks that a dagexec knows of, in the order of claims. */
#ifndef READY_H
#define READY_H

#include "spool.h"

/*
 * In memory, a hint: queue/ is the truth. Order: priority, then older logical
 * time, then order in the plan. Tasks of one pool wait together, since when
 * one of them finds it full, all do.
 */
struct ready_task {
	char *file;		/* its marker's name in queue/ */
	int64_t time;		/* the run's */
	int64_t due;		/* 0, or when it may be claimed */
	int32_t priority;
	uint32_t order;		/* in the plan, */
	uint32_t part;		/* and of an instance in its task */
	unsigned group;		/* index of its pool spec; 0: none */
};

struct ready_group {
	char *pool;		/* as the plan has it: "db:2 net"; "" */
	bool full;		/* one was refused, since then none was freed */
	bool bound;		/* as many are handed out as it has slots */
	bool told;		/* that it has too few slots */
	unsigned size;		/* slots of its first pool; 0: not looked up */
	struct ready_task *heap;
	size_t n, cap;
};

struct ready {
	struct ready_group *group;
	size_t ngroup;
	struct ready_task *later;	/* a heap by due */
	size_t nlater, caplater;
	struct names_set *known;	/* files that are in it */
};

/* sets where a task of a plan is in the order */
void ready_order(struct ready_task *, const struct plan *, uint32_t task);
/* is one claimed before the other? */
bool ready_before(const struct ready_task *, const struct ready_task *);
/* would it be claimed before all that are in it and may be claimed? */
bool ready_first(const struct ready *, const struct ready_task *);
/* adds one, unless it is in it; takes file over (malloc'ed). -1 ENOMEM */
int ready_add(struct ready *, struct ready_task, const char *pool);
/* takes out the next that may be claimed now; the caller frees file */
bool ready_next(struct ready *, int64_t now, struct ready_task *);
/* the instant at which the next one falls due, 0: none is waiting for time */
int64_t ready_due(const struct ready *);
/* a pool has been found full, may have room again (NULL: all of them) */
void ready_full(struct ready *, unsigned group);
void ready_room(struct ready *, const char *pool);
/* drops those that wait for their time and are not there any more */
void ready_prune(struct ready *, bool (*there)(const char *file, void *),
	void *);
/* how many are in it, also those that are not due or whose pool is full */
size_t ready_count(const struct ready *);
/* empties it */
void ready_clear(struct ready *);

#endif
