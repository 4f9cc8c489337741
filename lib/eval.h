/* eval: what follows from the states of tasks: releases, ends, admissions. */
#ifndef EVAL_H
#define EVAL_H

#include "spool.h"

/*
 * All of these are idempotent, may be called by anybody, and take the locks
 * they need (the caller holds none). What they move depends on moves made
 * before, so those are synced first. -1 and errno: the system failed.
 */

/* evaluates a whole run: releases, skips and fails what can be decided, ends
 * the run if nothing is left */
int eval_run(struct run *);
/* the same for what follows from the end of one task */
int eval_after(struct run *, uint32_t task);
/*
 * That in two steps, the first without a lock or a sync: appends to next the
 * numbers (uint32_t) of tasks after one that ended so (STATE_NONE: to be
 * looked up) that seem decided by what was seen of the others; then syncs
 * the run, once for any number of them, decides again and moves.
 */
int eval_next(struct run *, uint32_t task, enum state, struct buf *next);
/* puts those of next into the order of the plan; where they are */
const uint32_t *eval_sort(struct buf *next);
/* of n of them, sorted; any part does. 1: all of the run was looked at, so that
 * the others need not be */
int eval_release(struct run *, const uint32_t *next, size_t n);
/* may one that eval_release would release begin at once? 1: yes, and the run is
 * synced, and locked; 0, or -1 and errno: it is not locked */
int eval_begin(struct run *, uint32_t task);
/* what eval_next would append if that task had succeeded */
int eval_would(struct run *, uint32_t task, struct buf *next);
/* is all of the run looked at when that task ends, not only what comes after
 * it? Then it is the one that eval_next appends */
bool eval_wide(const struct run *, uint32_t task);
/* does what it depends on in its run still let a task begin? Of one with a
 * trigger rule that is not asked in a plan that waits for other runs, or files:
 * those may have had a say. No lock is taken */
bool eval_stands(struct run *, uint32_t task);
/* one that is ready waits again, unless it stands, and the run is evaluated */
int eval_recall(struct run *, uint32_t task);
/* ends the run if this was the last of its tasks; what other tasks come after
 * is left to those who call eval_next */
int eval_end(struct run *, uint32_t task);
/* admits waiting runs of a DAG, oldest first, as max-active-runs allows */
int eval_admit(struct spool *, const char *dag);
/* the same, for one whose runs/DAG is locked already */
int eval_admit_locked(struct spool *, const char *dag, int dirfd);
/* tells who counts active runs that one was activated out of order (a rerun);
 * runs/DAG is locked */
void eval_changed(int dirfd);
/* every active run of the spool, and every admission: at a start, in doubt;
 * damaged ones are left out */
int eval_all(struct spool *);
/* forgets what was remembered about admissions */
void eval_forget(void);

#endif
