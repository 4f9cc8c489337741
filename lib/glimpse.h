/* glimpse: which tasks have ended, as far as was seen; nothing locks. */
#ifndef GLIMPSE_H
#define GLIMPSE_H

#include "spool.h"

struct glimpse {
	struct run *run;
	uint32_t pending;	/* seen not to have ended, or UINT32_MAX */
};

/* the state of a task, as names say it now: see task_glimpse */
enum state glimpse_now(struct run *, uint32_t task, enum state first);
/* begins to look at others because one ended so (STATE_NONE: not known) */
void glimpse_begin(struct glimpse *, struct run *, uint32_t task, enum state);
/*
 * As it was seen last if it had ended, by run.ended; else as it is now. A task
 * may have been rerun since: what is decided by this is to be decided again
 * from the disk, under the run's lock. But it leaves nothing undecided: who
 * ends a task looks at what comes after it with its new state, and all that
 * are not known to have ended are looked for each time.
 */
enum state glimpse_state(void *glimpse, uint32_t task);

#endif
