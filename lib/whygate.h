/* whygate: in words, what of other runs, or files, a task waits for. */
#ifndef WHYGATE_H
#define WHYGATE_H

#include "spool.h"

/* appends a line for each file, slot of another DAG, or run before, that a task
 * of a run (its plan loaded) waits for; -1 and errno */
int whygate(struct run *, uint32_t task, struct buf *);

#endif
