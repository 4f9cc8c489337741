/* planstore: compiled definitions, plans/DAG/HASH, which runs link to. */
#ifndef PLANSTORE_H
#define PLANSTORE_H

#include "spool.h"

/* stores a plan's text, unless it is there; its name in name. -1 and errno */
int planstore_put(struct spool *, const struct plan *, char name[32]);
/* links the one of that name into dir as "plan"; at EMLINK a fresh copy takes
 * its place first. -1 and errno */
int planstore_link(struct spool *, const struct plan *, const char *name,
	int dir);

#endif
