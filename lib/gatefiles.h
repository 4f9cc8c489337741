/* gatefiles: what keeps a task from its turn: files that it needs. */
#ifndef GATEFILES_H
#define GATEFILES_H

#include "gate.h"

enum { GATEFILES_EVERY = 60 };	/* seconds from a look to the next, unless
				 * poke says otherwise */

/*
 * Are the files there that a task needs, which could run otherwise and waits?
 * STATE_READY; STATE_NONE: not yet; or, by give-up, what becomes of it, which
 * its marker says then. The first time that they are not there is kept in its
 * marker. 0, -1 and errno.
 */
int gatefiles(struct gate *, uint32_t task, enum state *);
/* how often it is looked for them, in seconds */
int64_t gatefiles_every(const struct plan *, uint32_t task);
/* the instant at which it is given up that began at since; INT64_MAX: never.
 * skip: it is skipped then */
int64_t gatefiles_until(const struct plan *, uint32_t task, int64_t since,
	bool *skip);
/* since when it waits for them, as a marker's text (which is changed) says;
 * 0: nobody has looked yet */
int64_t gatefiles_since(char *marker);

#endif
