/* glimpse: which tasks have ended, as far as was seen; nothing locks. */
#include <stdlib.h>

#include "glimpse.h"

enum state
glimpse_now(struct run *r, uint32_t task, enum state first)
{
	char name[TASK_LEN + 1];

	return task_glimpse(r, plan_name(r->plan, task, name), first);
}

void
glimpse_begin(struct glimpse *s, struct run *r, uint32_t task, enum state state)
{
	*s = (struct glimpse){r, UINT32_MAX};
	/* without memory for it, it is looked each time */
	if (!r->ended)
		r->ended = calloc(r->plan->n, 1);
	if (r->ended)
		r->ended[task] = state_ended(state) ? (unsigned char)state : 0;
}

enum state
glimpse_state(void *glimpse, uint32_t task)
{
	struct glimpse *s = glimpse;
	struct run *r = s->run;
	enum state state;

	if (r->ended && r->ended[task])
		return (enum state)r->ended[task];
	if (task == s->pending)
		return STATE_NONE;
	/* most that are not known to have ended have not */
	state = glimpse_now(r, task, STATE_RUNNING);
	if (!state_ended(state)) {
		s->pending = task;
		return STATE_NONE;
	}
	if (r->ended)
		r->ended[task] = (unsigned char)state;
	return state;
}
