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
/* says in @active that a person started it again: all are to be had anew */
int revive_fresh(const struct run *);

#endif
