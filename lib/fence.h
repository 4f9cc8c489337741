/* fence: an attempt that an engine has started, and may end. */
#ifndef FENCE_H
#define FENCE_H

#include "attempt.h"
#include "spawn.h"

/* was it the engine that ended it? why is for it to say: nothing is recorded,
 * and who recovers what is lost asks it */
bool fence_told(const struct attempt *, const struct ended *);

#endif
