/* heldby: why a task is held. */
#ifndef HELDBY_H
#define HELDBY_H

#include "spool.h"

enum heldby {
	HELDBY_PERSON,		/* a person, or its definition, wants it so */
	HELDBY_RERUN,		/* what was interrupted, a rerun, has left it */
	HELDBY_NOBODY,		/* it is new to its run */
};

/* what the marker of a held task says of that; -1 and errno */
int heldby(const struct run *, uint32_t task);

#endif
