/* peers: the other programs at work on a spool: told when one dies. */
#ifndef PEERS_H
#define PEERS_H

#include <poll.h>

#include "worker.h"

struct peer {
	struct worker worker;
	int pidfd;
};

struct peers {
	struct spool *spool;
	struct peer *peer;
	size_t n, cap;
};

/* looks who is there; new ones are watched from now on. -1 and errno */
int peers_look(struct peers *, struct spool *);
/* puts their pidfds into out (of at least peers->n) */
void peers_poll(const struct peers *, struct pollfd *out);
/* goes through what poll(2) said; true: one died without leaving in order */
bool peers_died(struct peers *, const struct pollfd *polled);
/* is one with that role there? */
bool peers_have(const struct peers *, const char *role);
void peers_free(struct peers *);

#endif
