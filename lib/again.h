/* again: which runs of a DAG have failed. */
#ifndef AGAIN_H
#define AGAIN_H

#include "spool.h"

/* the instants of a DAG's runs that have failed, live or archived, ascending:
 * malloc'ed; -1 and errno */
int again_failed(struct spool *, const char *dag, int64_t **list, size_t *n);

#endif
