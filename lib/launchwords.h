/* launchwords: launch-options: the words that are ours, and the others. */
#ifndef LAUNCHWORDS_H
#define LAUNCHWORDS_H

#include <stdint.h>

#include "buf.h"

struct launchwords {
	unsigned pack;		/* pack=N: tasks of an element; 1 */
	int64_t poll;		/* poll=TIME: seconds; 0: not said */
	struct buf rest;	/* what is for the launcher, blanks between */
};

/* takes them apart; -1 and why, if it is not NULL; launchwords_free */
int launchwords_parse(struct launchwords *, const char *list,
	struct buf *why);
void launchwords_free(struct launchwords *);
/* says in why what is wrong with them, if anything is */
void launchwords_check(const char *list, struct buf *why);

#endif
