/* renew: an ended run takes another definition. */
#ifndef RENEW_H
#define RENEW_H

#include "spool.h"

/*
 * Archives the run, if it is not archived already, and puts in its place one
 * of the same name, parameters, states, logs and values whose plan is this
 * one; its directories are resolved anew. Tasks that the old plan had not are
 * held; the markers of those that the new one has not are in log/. Killed
 * meanwhile, the run is archived or renewed, whole. -1 and errno, and why
 * where errno's text will not do: EBUSY it has not ended, EINVAL a pool is not
 * there; then the run is as it was.
 */
int renew_run(struct spool *, const char *dag, const char *run,
	const struct plan *, struct buf *why);

#endif
