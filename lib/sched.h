/* sched: from the definition of a DAG to the records of its runs. */
#ifndef SCHED_H
#define SCHED_H

#include "schedjob.h"

/*
 * Decides about the definition in text (a dag record and its task records)
 * and appends what follows to out, if anything does. 0; 1 and in why what is
 * wrong with the definition or with what is asked; -1 and errno, of what in
 * why.
 */
int sched_dag(struct sched *, const struct buf *text, struct buf *why);

#endif
