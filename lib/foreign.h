/* foreign: what two operators want of one task at the same moment. */
#ifndef FOREIGN_H
#define FOREIGN_H

#include <stdbool.h>

#include "spool.h"

/*
 * Has somebody else, since it was looked at, changed a task so that what is
 * asked for may not be meant any more? to is what it is to be marked as, or
 * STATE_NONE. An end that comes by itself is nobody's doing.
 */
bool foreign_change(enum state to, enum state before, enum state now);

#endif
