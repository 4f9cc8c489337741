/* badge: how a DAG is, in a small picture: SVG. */
#ifndef BADGE_H
#define BADGE_H

#include "spool.h"

/* appends it: the DAG's name, and the state of its latest run that is not
 * waiting, or that it is paused or has none. -1 and errno */
int badge_put(struct spool *, const char *dag, struct buf *);

#endif
