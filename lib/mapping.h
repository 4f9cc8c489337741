/* mapping: a mapped task's list, of what is known now, and its instances. */
#ifndef MAPPING_H
#define MAPPING_H

#include "spool.h"

/*
 * Of a locked, active run: the waiting mapped task may run, and what its list
 * is made of is known. Makes the list, or one anew that is not what it was,
 * and a waiting marker for each instance that it had not; or, with too many
 * items, fails the task. 1 something was changed: the run is to be looked at
 * again; 0 all is as it was; -1 and errno.
 */
int mapping_task(struct run *, uint32_t task);
/* Finishes what an interrupted mapping_task has begun. 1, 0, -1 likewise */
int mapping_finish(struct run *);

#endif
