/* usage: how much of the disk a DAG's runs, archives and the rest take. */
#ifndef USAGE_H
#define USAGE_H

#include "spool.h"

struct usage {
	char dag[NAME_LEN + 1];
	size_t runs, archived;		/* how many */
	/* bytes of disk; rest: history, compiled definitions */
	int64_t live, archives, rest;
};

/* all DAGs of which there is anything, greatest first; malloc'ed. Of one of
 * which something is damaged damaged is called, with errno. -1, errno */
int usage_all(struct spool *, struct usage **, size_t *n,
	void (*damaged)(const char *dag));

#endif
