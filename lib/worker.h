/* worker: who is at work on a spool; a file each, locked for life. */
#ifndef WORKER_H
#define WORKER_H

#include "spool.h"

struct worker {
	long pid;
	char role[16];		/* dagexec, supervisor, dagq */
};

/* enters us; the descriptor whose lock says that we live, or -1, errno */
int worker_enter(struct spool *, const char *role);
/* On a shared spool one machine serves: a dagexec says that it is this one, for
 * life. 0; 1 it is another, whose name is put into machine; -1 and errno */
int worker_serve(struct spool *, char machine[64]);
/* leaves in good order: whoever sees us gone need not look for what we left */
void worker_leave(struct spool *, int fd);
/* the living of this machine, without ourselves (malloc'ed, *n); clears away
 * its dead */
int worker_list(struct spool *, struct worker **, size_t *n);
/* is what has the name of a process of another machine, of which nothing can be
 * told here, so old that nobody has it any more? a day */
bool worker_abandoned(int dirfd, const char *path);
/* a pidfd of a living one, readable when it is dead; -1: it is no more */
int worker_watch(struct spool *, long pid, struct worker *);
/* did it leave in good order, now that it is dead? */
bool worker_left(struct spool *, long pid);

#endif
