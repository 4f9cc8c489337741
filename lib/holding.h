/* holding: who holds what others wait for: held tasks, slots of pools. */
#ifndef HOLDING_H
#define HOLDING_H

#include "look.h"

struct holding {
	char when[INSTANT_LEN], by[64], note[256];	/* "": not known */
};

/* what a marker says of its last hold */
void holding_read(struct look *, uint32_t task, struct holding *);
/* appends ": ID, ID": the running tasks that use a pool, at most max named */
void holding_pool(struct spool *, const char *pool, unsigned max,
	struct buf *);

#endif
