/* launch: what engines have, asked and settled; what is ready, given to them. */
#ifndef LAUNCH_H
#define LAUNCH_H

#include "spool.h"

/* what a step is to do, and what came of it: shared with who waits for it */
struct launch_step {
	bool settle_only;	/* nobody is asked for anything, nor given it */
	const char *only_dag, *only_run;	/* of no other run, or NULL */
	bool only_family;	/* but the runs that are made for its tasks */
	/* came of it */
	int64_t due;		/* when to step again, 0: no need */
	bool left;		/* more is ready than engines will have now */
	bool busy;		/* another is at it */
	unsigned open;		/* elements that engines have */
	unsigned failed;	/* tasks of batches now done with that failed */
	int64_t cpu;		/* what it has used of a processor, ms */
};

/*
 * One look at all batches, with launch/ locked: what was submitted and not
 * noted is found, engines that are due are asked, once each; lost attempts of
 * theirs are recovered; batches whose tasks are over are taken away. Then what
 * is ready for engines and in no batch is put into new ones, and submitted.
 * 0; -1 and errno.
 */
int launch_step(struct spool *, struct launch_step *);

#endif
