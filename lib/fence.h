/* fence: an attempt that an engine has started, and may end. */
#ifndef FENCE_H
#define FENCE_H

#include "attempt.h"
#include "spawn.h"

/* was it the engine that ended it? why is for it to say: nothing is recorded,
 * and who recovers what is lost asks it */
bool fence_told(const struct attempt *, const struct ended *);
/*
 * On a shared spool, what such an attempt has come to is settled by fate/TASK.N
 * in its run, made by link(2): by its supervisor, before it records or
 * publishes anything, or by who recovers it. It was another: -1 and ESTALE;
 * else what it left in out/ has its place now. 0, -1 and errno.
 */
int fence_end(struct attempt *);
/* appends where scripts of what this process starts are put */
void fence_scripts(const struct spool *, struct buf *);
/* may it be recovered, with what its marker adds up to? 1; 0 not yet: it has
 * ended, and is about to say so; -1 and errno */
int fence_lost(struct run *, const char *task, unsigned attempt,
	const struct marker_sum *);

#endif
