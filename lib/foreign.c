/* foreign: what two operators want of one task at the same moment. */
#include "foreign.h"

bool
foreign_change(enum state to, enum state before, enum state now)
{
	return before != now && (state_ended(before) ||
	    before == STATE_HELD || now == STATE_HELD ||
	    (to != STATE_NONE && state_ended(now) && now != to));
}
