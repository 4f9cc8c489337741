/* revive: a run that would end as failed, tried again from what failed. */
#ifndef REVIVE_H
#define REVIVE_H

#include "spool.h"

/*
 * Of a locked, active run whose tasks have all ended, as in inst, and which
 * has failed: if its run-retries are not spent, lets what failed, and what is
 * upstream-failed, wait again, and says so in @active. 1 it did, 0 it is not
 * to be, -1 and errno.
 */
int revive_run(struct run *, const struct instance *inst);
/*
 * Of a locked, active run, with its tasks as in inst: which of its groups
 * have not ended for those outside (open, plan->nagain of them): a task has
 * not, or the group has failed and starts again now, all of it: inst is
 * changed. 0, or -1 and errno.
 */
int revive_groups(struct run *, struct instance *inst, bool *open);
/* says in @active that a person started it again: all are to be had anew */
int revive_fresh(const struct run *);
/* the same of a run that is active still, if it has deadlines: those that
 * have passed do not count again */
int revive_lift(const struct run *);

#endif
