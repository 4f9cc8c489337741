/* stop: what of a run is not begun any more, since something has failed. */
#ifndef STOP_H
#define STOP_H

#include "spool.h"

/*
 * Of a locked, active run whose tasks are as in inst: if on-failure has it so
 * and one has failed for good (of a group that is open, see revive.h, none
 * has), it is stopped: fails all that do not run, but teardowns; inst says so
 * then. -1 and errno.
 */
int stop_judge(struct run *, struct instance *inst, const bool *open);
/* is what runs to be ended as well, as it was judged last? */
bool stop_cancels(const struct run *);

#endif
