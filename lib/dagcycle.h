/* dagcycle: the cycles of a definition, each with the place of its edges. */
#ifndef DAGCYCLE_H
#define DAGCYCLE_H

#include "dagedges.h"

/* adds an error for each cycle (of ten); call it once, last; 0, or -1 */
int dagcycle_report(struct dagedges *);

#endif
