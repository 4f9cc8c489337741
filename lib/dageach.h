/* dageach: what the tasks of a definition are mapped over, checked. */
#ifndef DAGEACH_H
#define DAGEACH_H

#include "dagedges.h"

/*
 * Appends a field for each "each" of a task, whose upstreams have been added
 * last, to out, or adds errors.
 */
void dageach_put(struct dagedges *, uint32_t task, struct buf *out);

#endif
