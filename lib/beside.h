/* beside: a process of a dagexec that holds no slot, for what takes long. */
#ifndef BESIDE_H
#define BESIDE_H

#include <poll.h>

#include "spool.h"

struct beside {
	pid_t pid;		/* 0: there is none */
	int fd;			/* its pidfd, or -1: readable when it left */
};

/*
 * Starts one that opens the spool anew, enters workers/ in that role, does the
 * work and leaves; it outlives its dagexec. 0, or -1 and errno.
 */
int beside_start(struct beside *, struct spool *, const char *role,
	int (*work)(struct spool *, void *), void *arg);
/* what to poll for that */
struct pollfd beside_poll(const struct beside *);
/* has it left? then its pid is 0; *failed: not in good order, or the work's
 * -1 */
bool beside_left(struct beside *, bool *failed);

#endif
