/* reach: which tasks are meant, if some are named. */
#ifndef REACH_H
#define REACH_H

#include "spool.h"

/*
 * Of a mapped task that is chosen, chooses the instances: rerun: those that
 * failed, or upstream of which something did, or all if none; else all that
 * have not ended.
 */
void reach_instances(const struct plan *, const struct instance *, bool rerun,
	bool *chosen);
/* of a mapped task that is chosen, chooses in its place what runs of it */
void reach_running(const struct plan *, const struct instance *, bool *chosen);
/* adds what is upstream, downstream of the chosen; order is upstream first */
void reach_along(const struct plan *, const uint32_t *order, bool upstream,
	bool downstream, bool *chosen);
/*
 * Of all tasks of a run, which is to be torn down all the same: teardowns that
 * have not ended are chosen no more, nor what was set up for them. 0, or -1
 * with ENOMEM.
 */
int reach_untorn(const struct plan *, const struct instance *, bool *chosen);
/*
 * What waits again if the chosen ones are run anew, or marked (fail: as
 * failed): what is upstream-failed because of them, what is ready after them
 * and has not begun, and a mapped task, to be joined once more if one of its
 * instances is such. malloc'ed, or NULL with ENOMEM.
 */
bool *reach_undone(const struct plan *, const uint32_t *order,
	const struct instance *, const bool *chosen, bool fail);
/* what was chosen of a plan, of the plan that it is now: malloc'ed, NULL */
bool *reach_again(const struct plan *was, const bool *chosen,
	const struct plan *);
/* the states of tasks, likewise; a new one was waiting */
struct instance *reach_states(const struct plan *was,
	const struct instance *, const struct plan *);

#endif
