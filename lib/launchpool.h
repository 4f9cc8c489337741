/* launchpool: how much of the spool's pools engines may be given now. */
#ifndef LAUNCHPOOL_H
#define LAUNCHPOOL_H

#include "spool.h"

/*
 * What waits for a pool where an engine has started it holds what the engine
 * gave it all the while. So no more is given than the pools have free, less
 * what engines have and have not begun. Zero it; launchpool_free.
 */
struct launchpool {
	struct pool_room {
		char name[NAME_LEN + 1];
		int64_t room;		/* slots */
	} *pool;			/* those that were asked for */
	size_t n, cap;
};

/* elements that want these pools ("NAME:2 OTHER", NULL: none) are given, or
 * stand with an engine; -1 and errno */
int launchpool_take(struct launchpool *, struct spool *, const char *spec,
	int64_t elements);
/* how many more that want them may be given, at most that many; -1, errno */
int64_t launchpool_room(struct launchpool *, struct spool *, const char *spec,
	int64_t most);
void launchpool_free(struct launchpool *);

#endif
