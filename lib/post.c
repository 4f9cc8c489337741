/* post: the process of a dagexec that delivers notices. */
#include "deliver.h"
#include "outbox.h"
#include "post.h"

enum { PAUSE = 30 };	/* seconds, when it did not end well */

static int
deliver(struct spool *sp, void *arg)
{
	(void)arg;
	return deliver_due(sp);
}

int
post_step(struct post *p, struct spool *sp)
{
	size_t waiting, undelivered;
	bool failed;

	if (beside_left(&p->beside, &failed)) {
		p->look = true;
		p->after = failed ? clock_seconds() + PAUSE : 0;
	}
	if (p->beside.pid > 0)
		return 0;
	if (p->look && outbox_count(sp, &waiting, &undelivered, &p->due) < 0)
		return -1;
	p->look = false;
	if (p->due && p->due < p->after)
		p->due = p->after;
	return p->due && p->due <= clock_seconds() ?
	    beside_start(&p->beside, sp, "post", deliver, NULL) : 0;
}

bool
post_busy(const struct post *p, int64_t by)
{
	return p->beside.pid > 0 || p->look || (p->due && p->due <= by);
}
