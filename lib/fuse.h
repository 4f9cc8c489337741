/* fuse: pauses a DAG after so many failed runs in a row. */
#ifndef FUSE_H
#define FUSE_H

#include "spool.h"

/*
 * After the end of a run, which is not locked: if its plan has
 * pause-after-failures and the history as many failed runs in a row, since it
 * was last paused or resumed, the DAG is paused. -1 and errno.
 */
int fuse_check(struct run *);

#endif
