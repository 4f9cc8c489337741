/* fence: an attempt that an engine has started, and may end. */
#include <sys/wait.h>

#include "fence.h"

bool
fence_told(const struct attempt *a, const struct ended *end)
{
	const struct spool *sp = a->run->spool;

	return sp->batch && sp->told && *sp->told && !end->never &&
	    !end->timed_out && WIFSIGNALED(end->status);
}
