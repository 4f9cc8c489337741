/* schedasset: the records of runs that assets make. */
#ifndef SCHEDASSET_H
#define SCHEDASSET_H

#include "schedjob.h"

/* what is due of a DAG that comes by assets: 0; 1 and why; -1 and errno */
int schedasset_due(struct sched_job *);
/* why it has runs or none: lines for out, as whyslot.h has them */
int schedasset_why(struct sched_job *, struct buf *out);

#endif
