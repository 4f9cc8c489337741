/* launchgive: what is ready for engines: gathered, put into batches. */
#ifndef LAUNCHGIVE_H
#define LAUNCHGIVE_H

#include "launchers.h"
#include "launchpool.h"

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

struct launchgive {
	struct spool *spool;
	const struct launch_step *step;
	/* is it in a batch that may start it yet? */
	bool (*covered)(const char *id, void *);
	struct launchpool *pools;	/* with what engines have taken off */
	/* the engine of that name; NULL and errno */
	struct launcher *(*launcher)(const char *name, void *);
	/* a batch was made, and is to be submitted; 0, -1 and errno */
	int (*made)(const char *batch, void *);
	void *arg;
	/* came of it */
	int64_t due;		/* when the next will be ready, 0: none */
	bool left;		/* some have to wait for others to end */
};

/* looks through queue/ and makes batches of what is ready; -1 and errno */
int launchgive(struct launchgive *);

#endif
