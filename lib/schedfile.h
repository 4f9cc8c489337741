/* schedfile: the records of runs that files make. */
#ifndef SCHEDFILE_H
#define SCHEDFILE_H

#include "schedjob.h"

enum { SCHEDFILE_MAX = 10000 };	/* runs of one DAG in one pass, at most */

/* what is due of a DAG that comes by files: 0; 1 and why; -1 and errno */
int schedfile_due(struct sched_job *);
/* why it has runs or none: lines for out, as whyslot.h has them */
int schedfile_why(struct sched_job *, struct buf *out);

#endif
