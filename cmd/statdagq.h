/* statdagq: dagq, run by dagstat --watch for what a key asks of it. */
#ifndef STATDAGQ_H
#define STATDAGQ_H

#include <stdbool.h>
#include <sys/types.h>

#include "buf.h"

struct statdagq {
	pid_t pid;		/* 0: none is at work */
	int fd;			/* its standard error */
	struct buf said;
};

/* starts "dagq OPTION --spool DIR -- ID"; -1 and errno */
int statdagq_start(struct statdagq *, const char *option, const char *spool,
	const char *id);
/* reads what it says; 1 it has ended, its exit status in *status, 0, -1 */
int statdagq_read(struct statdagq *, int *status);

#endif
