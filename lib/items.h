/* items: what a mapped task is mapped over, as a list. */
#ifndef ITEMS_H
#define ITEMS_H

#include "spool.h"

/*
 * Appends the list of a mapped task (planmap.h) as its lists, and the values
 * that are its lists, are now. *fault, unless NULL: it cannot be mapped over
 * them, in words. 0, -1 and errno.
 */
int items_list(struct run *, uint32_t task, struct buf *list,
	const char **fault);

#endif
