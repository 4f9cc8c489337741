/* planmap: a plan with the instances of its mapped tasks. */
#ifndef PLANMAP_H
#define PLANMAP_H

#include "plan.h"

/*
 * The list of a mapped task: a line an instance, KEY and then its items, each
 * behind a tab, escaped as in records; behind "-" one that was in an earlier
 * list and is in this no more (a key does not begin so).
 */
struct planmap_list {
	uint32_t task;
	const char *text;	/* lives as long as the plan */
	size_t n;
};

/*
 * Makes the plan of a run out of its plan, which stays as it is and lives
 * longer, and the lists that are known. Its own tasks keep their numbers;
 * behind them come the instances, TASK+KEY, task by task, as listed. An
 * instance comes after what its task comes after, and that after its
 * instances. 0; -1 with errno EINVAL (a damaged list, why) or ENOMEM.
 */
int planmap_make(struct plan *, const struct plan *own,
	const struct planmap_list *, size_t n, struct buf *why);
/* is a task mapped, and has it no list, or is it an instance? */
bool planmap_unlisted(const struct plan *, uint32_t task);
bool planmap_instance(const struct plan *, uint32_t task);
/* is it mapped, with instances that it waits for? */
bool planmap_joint(const struct plan *, uint32_t task);
/* is it an instance that is listed no more? */
bool planmap_gone(const struct plan *, uint32_t task);
/* the mapped task of an instance; of others the task itself */
uint32_t planmap_of(const struct plan *, uint32_t task);
/* item k of an instance, from 0, in b (reset before); NULL: it has no more */
const char *planmap_item(const struct plan *, uint32_t task, unsigned k,
	struct buf *b);
/* all tasks in the order in which they are shown, instances behind theirs;
 * malloc'ed, NULL: ENOMEM */
uint32_t *planmap_order(const struct plan *);

#endif
