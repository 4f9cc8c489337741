/* launchsettle: a batch: what the spool, then what its engine says of it. */
#ifndef LAUNCHSETTLE_H
#define LAUNCHSETTLE_H

#include "launchers.h"
#include "launchlook.h"
#include "launchpool.h"

struct launchsettle {
	struct launchlook look;
	const char **covered;	/* tasks that a batch may start yet, */
	size_t ncovered, cap;
	bool sorted;
	struct launchpool pools;	/* and what these will want */
	struct buf lost;	/* runs with attempts to recover, a line each */
	bool cancel;		/* engines are told what need not start */
	struct buf idle;	/* of the batch: such elements, */
	bool idled;		/* and some are left */
	unsigned failed;	/* tasks of batches that are gone */
};

void launchsettle_begin(struct launchsettle *, struct spool *);
void launchsettle_end(struct launchsettle *);
/*
 * Closes the elements whose tasks are over, and those of which the engine says
 * that they are: what these have left is given up. gone: the batch is of no
 * use any more. -1 and errno.
 */
int launchsettle(struct launchsettle *, struct batch_state *);
/* may a batch that was settled start that task yet? */
bool launchsettle_covered(struct launchsettle *, const char *id);

#endif
