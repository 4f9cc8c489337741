/* dagparams: the parameters that a definition declares, checked. */
#ifndef DAGPARAMS_H
#define DAGPARAMS_H

#include "dagerr.h"
#include "daglex.h"

/*
 * Appends a field for each thing that the [param NAME] sections say to out, or
 * adds errors. With a schedule each has to have a default. 0, or -1 with errno
 * ENOMEM.
 */
int dagparams_put(const struct daglex *, bool scheduled, struct dagerr *,
	struct buf *out);

#endif
