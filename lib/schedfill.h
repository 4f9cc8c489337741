/* schedfill: the records of backfills, all at once or as they may go on. */
#ifndef SCHEDFILL_H
#define SCHEDFILL_H

#include "schedjob.h"

/* what is asked for in sched->backfill: 0; 1 and why; -1 and errno */
int schedfill_all(struct sched_job *);
/* is some backfill of this DAG at work? */
bool schedfill_has(const struct sched_job *);
/* what those in sched->backfills may go on with; runs: max-active-runs; live:
 * the runs that have not ended. 0, or -1 and errno */
int schedfill_paced(struct sched_job *, int64_t runs,
	const struct run_entry *live, size_t n);

#endif
