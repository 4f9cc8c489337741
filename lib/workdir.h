/* workdir: the directory that a task is in. */
#ifndef WORKDIR_H
#define WORKDIR_H

#include "expand.h"
#include "plan.h"

/*
 * Links are resolved when the run is made, and the file "run" keeps what
 * came of it: dir, and workdir.TASK where a task has its own. What has
 * variables in it is known to the attempt only, and is not there.
 */

/* dir: malloc'ed; that of the DAG file if [dag]'s has variables in it */
char *workdir_of_dag(const struct plan *);
/* has [dag]'s variables in it, so that dir is not all of it? */
bool workdir_open(const struct plan *);
/* appends the fields workdir.TASK */
void workdir_put(const struct plan *, const char *dir, struct buf *);
/*
 * Appends the directory of a task that has one of its own, or whose DAG's is
 * open; record is the text of the file "run". 0; 1: env, which is NULL, is
 * needed for that; -1 and errno, EINVAL and why.
 */
int workdir_of_task(const struct plan *, uint32_t task, const char *dir,
	const char *record, const struct expand *env, struct buf *out,
	struct buf *why);

#endif
