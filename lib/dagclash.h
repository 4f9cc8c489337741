/* dagclash: what the keys of one section have against each other. */
#ifndef DAGCLASH_H
#define DAGCLASH_H

#include "dagvalue.h"

/* before the others */
void dagclash_begin(struct compiler *);
/*
 * Tells of keys of a task, of [dag], found by dagvalue_find, that contradict
 * each other, each by itself being good; dagsub.h has those of a task that
 * runs a DAG. -1 ENOMEM.
 */
int dagclash_task(struct compiler *, const struct daglex_section *);
int dagclash_dag(struct compiler *, const struct daglex_section *);

#endif
