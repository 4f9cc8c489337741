/* each: what a mapped task is mapped over: lists, or another's values. */
#ifndef EACH_H
#define EACH_H

#include <stdbool.h>
#include <stddef.h>

enum {
	EACH_ITEMS = 10000,	/* instances of a task, at most */
	EACH_LISTS = 9,		/* lists, of which they are the product */
	EACH_KEY = 16,
};

/* the key of list k, from 0, in a task's record: each, each.2, … */
const char *each_key(char key[EACH_KEY], unsigned k);
/* Is a list TASK.key, the values that TASK leaves? *n is the length of TASK.
 * One word in quotes is not. */
bool each_reference(const char *list, size_t *n);

#endif
