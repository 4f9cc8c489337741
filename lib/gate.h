/* gate: what keeps a task from its turn besides the tasks of its own run. */
#ifndef GATE_H
#define GATE_H

#include "spool.h"

/*
 * A run that waits for others has a file DAG@RUN in gates/, by which each
 * dagexec knows that it has to look at it when one of these goes on. It says
 * nothing that a look at the run does not: it can be deleted.
 */
struct gate {
	struct run *run;
	/* NULL, or gets lines "DIR\tNAME": in DIR, of the spool, a name that
	 * begins so may matter */
	struct buf *watch;
	bool closed;		/* something was kept */
	/* inside */
	int64_t from, to;
	bool interval, looked;
	char before[RUN_LEN + 1];
};

/*
 * What is known of the tasks of other DAGs that a task comes after, as the
 * bits of trigger.h; 0 there are none. -1 and errno.
 */
int gate_others(struct gate *, uint32_t task);
/* do the runs before this one let it go? 1, 0, -1 and errno */
int gate_past(struct gate *, uint32_t task);
/* has the run ended that it waits for, if it does? 1, 0, -1 and errno */
int gate_child(struct gate *, uint32_t task, struct instance);
/* does a task depend on its past? */
bool gate_depends(const struct plan *, uint32_t task);
/* makes or removes the file in gates/; the run is locked. -1 and errno */
int gate_note(struct gate *);
/* removes that of a run that does not wait any more, or is gone */
void gate_forget(struct spool *, const char *file);

/* calls f with each DAG/TASK that a task comes after; nonzero ends it */
int gate_each(const struct plan *, uint32_t task,
	int (*f)(const char *dag, const char *task, void *), void *);

#endif
