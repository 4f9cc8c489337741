/* launchlook: what became of the tasks of a batch, as the spool has it. */
#ifndef LAUNCHLOOK_H
#define LAUNCHLOOK_H

#include "batch.h"

enum fate {
	FATE_WAITS,		/* ready: this batch may start it yet */
	FATE_RUNS,		/* it has been started by this batch */
	FATE_DEAD,		/* and nobody holds it any more */
	FATE_OVER,		/* nothing of this batch starts it any more */
	FATE_FAILED,		/* over; and failed for good */
};

/* a run, kept open for the next task */
struct launchlook {
	struct spool *spool;
	struct run run;		/* fd -1: none */
	struct instance *inst;	/* of its tasks */
	/* of a fate, and of launchlook_ready */
	char task[TASK_LEN + 1];
	uint32_t number;
	struct instance in;
};

void launchlook_begin(struct launchlook *, struct spool *);
void launchlook_end(struct launchlook *);
/* opens the run of DAG/RUN/TASK and finds the task; 1, 0 there is none of
 * them any more, -1 and errno */
int launchlook_find(struct launchlook *, const char *id);
/* what became of a task of a batch, by its index; -1 and errno */
int launchlook_fate(struct launchlook *, const struct batch *, size_t task);
/* was that task started by the batch? 1, 0, -1 and errno */
int launchlook_began(struct launchlook *, const struct batch *, size_t task);
/* says in the marker of one that was not started that its engine gave it up,
 * and why; it is tried again, 1, or has failed, 2; 0 it is not there; -1 */
int launchlook_spend(struct launchlook *, const struct batch *, size_t task,
	const char *word, const char *note, bool final);

#endif
