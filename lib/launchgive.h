/* launchgive: what is ready for engines: gathered, put into batches. */
#ifndef LAUNCHGIVE_H
#define LAUNCHGIVE_H

#include "launch.h"
#include "launchers.h"

struct launchgive {
	struct spool *spool;
	const struct launch_step *step;
	/* is it in a batch that may start it yet? */
	bool (*covered)(const char *id, void *);
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
