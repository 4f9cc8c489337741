/* whylaunch: what an engine has of a task, and whether it answers. */
#ifndef WHYLAUNCH_H
#define WHYLAUNCH_H

#include "asked.h"

/* of a task that is ready, and for an engine to start: says where it is; false:
 * it is for a dagexec */
bool whylaunch_ready(const struct asked *, struct buf *b);
/* of one that runs: appends what started it, if an engine did; lost: nobody
 * holds it any more. true: its engine has not said yet what became of it */
bool whylaunch_running(const struct asked *, bool lost, struct buf *b);
/* may one whose lock is not seen here run on another machine? */
bool whylaunch_elsewhere(const struct asked *);

#endif
