/* contrast: what is not the same in two runs. */
#ifndef CONTRAST_H
#define CONTRAST_H

#include "view.h"

/*
 * Adds a line for each thing that two runs do not share: of how they came to
 * be, of their definitions, and of how their tasks went. How long tasks took
 * is told if it differs by a second and a tenth of it. -1 and errno, why may
 * say more; *bad is the one that could not be read.
 */
int contrast(struct spool *, const struct id *first, const struct id *second,
	struct view *, const struct id **bad, struct buf *why);

#endif
