/* await: waiting until runs and tasks have ended. */
#ifndef AWAIT_H
#define AWAIT_H

#include "ids.h"

/*
 * Waits, by inotify, until all of them have ended: runs (task "") and tasks.
 * Calls waits (or NULL) before it sleeps for the first time,
 * ended with each as it ends, bad: it failed, or its upstream did.
 * Whole DAGs are not waited for. -1 and errno: ENOENT one has gone, its id in
 * ids->id[*at]; why may say more.
 */
int await(struct spool *, const struct ids *ids, size_t *at,
	void (*waits)(void *), void (*ended)(const struct id *, bool bad,
	void *), void *, struct buf *why);

#endif
