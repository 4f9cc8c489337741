/* dagslots: what only the keys of a schedule together can have wrong. */
#ifndef DAGSLOTS_H
#define DAGSLOTS_H

#include "daglex.h"

/*
 * Checks a dag record of n bytes, whose first schedule is that value, and
 * adds an error at its place. 0, or the errno of what failed in the system.
 */
int dagslots_check(const struct daglex *, const struct dagtext_span *,
	const char *record, size_t n, struct dagerr *);

#endif
