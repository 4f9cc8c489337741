/* aside: what is not ours goes to bad/, with a message; nothing is deleted. */
#ifndef ASIDE_H
#define ASIDE_H

#include "spool.h"

/*
 * Moves name, in dir, to bad/AS (or AS.2 …), and writes bad/AS.why beside it.
 * 0, also if it is gone already; -1 and errno.
 */
int aside_put(struct spool *, int dir, const char *name, const char *as,
	const char *why);

#endif
