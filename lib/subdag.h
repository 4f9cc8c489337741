/* subdag: a task that runs another DAG: an attempt at it, or a look. */
#ifndef SUBDAG_H
#define SUBDAG_H

#include "attempt.h"

/*
 * In place of attempt_run, of a task with "dag": makes its run and lets the
 * task wait (WAITING), with no process and no slot; or, when that run has
 * ended, or is to be ended, records the task's own end. -1 and errno.
 */
int subdag_run(struct attempt *, const struct world_run *, struct outcome *);

#endif
