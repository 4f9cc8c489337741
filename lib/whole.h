/* whole: a look at all of a run: what it decides, its lists, its end. */
#ifndef WHOLE_H
#define WHOLE_H

#include "spool.h"

/* looks at all of a locked, active run; 1 it has ended now, 0, -1 */
int whole_look(struct run *);
/* moves a task to what was decided, after a sync if need be (*synced); 1 it is
 * so, 0 it was not in that state, -1 */
int whole_apply(struct run *, uint32_t task, enum state from, enum state to,
	bool *synced);

#endif
