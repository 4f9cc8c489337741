/* post: the process of a dagexec that delivers notices. */
#ifndef POST_H
#define POST_H

#include "beside.h"

/*
 * It holds no slot, is started when something is due and nothing else is to
 * be done first, delivers what is due, and leaves. It outlives its dagexec.
 */
struct post {
	struct beside beside;
	int64_t due;		/* when the next notice is, 0: there is none */
	int64_t after;		/* not before that: it died, or failed */
	bool look;		/* the outbox is to be looked at */
};

/* starts it if it should be, sees whether it has left; -1 and errno */
int post_step(struct post *, struct spool *);
/* is anything under way, or due by that instant? */
bool post_busy(const struct post *, int64_t by);

#endif
