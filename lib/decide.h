/* decide: what becomes of a task, of a run, by the states of others. */
#ifndef DECIDE_H
#define DECIDE_H

#include "spool.h"

/*
 * What a task's upstreams, whose states of() tells (STATE_NONE: not ended),
 * decide: STATE_NONE not yet, READY, or its end. The looks begin at from,
 * which just ended, and end at the first that has not: who ends that will
 * look too. From the task itself they are at all of them. others: what is
 * seen of those in other DAGs, as bits of trigger.h.
 */
enum state decide_task(enum state (*of)(void *, uint32_t), void *,
	const struct plan *, uint32_t task, uint32_t from, unsigned others);
/* how a run ends, all tasks of which have: those decide it that nothing comes
 * after; teardowns do not */
enum run_state decide_outcome(const struct plan *, const struct instance *);
/* is a task a teardown? does nothing else come after it? */
bool decide_teardown(const struct plan *, uint32_t task);
bool decide_last(const struct plan *, uint32_t task);
/* does nothing come after a task? */
bool decide_sink(const struct graph *, uint32_t task);

#endif
