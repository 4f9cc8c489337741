/* need: the list of what has to be there before a task runs, taken apart. */
#ifndef NEED_H
#define NEED_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

enum { NEED_SLOTS = 10000 };	/* slots of a range, at most */

/* PATH, PATH -6..0, PATH min 3: a path, and what the words behind it say */
struct need {
	bool range;
	int64_t from, to;	/* slots: 0 is the run's own, -1 that before */
	int64_t min;		/* 0: not said */
};

/* takes the next one of a list; its path in path (of at least strlen(*s) + 1
 * bytes). 1 one, 0 no more, -1 and what is wrong in why */
int need_next(const char **s, char *path, struct need *, struct buf *why);
/* says in why what is wrong with a list, if anything is */
void need_check(const char *list, struct buf *why);
/* does any of a (good) list ask about slots of the past? 1, 0, -1: ENOMEM */
int need_past(const char *list);

#endif
