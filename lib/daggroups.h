/* daggroups: the groups of a definition, and which tasks are in them. */
#ifndef DAGGROUPS_H
#define DAGGROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dagerr.h"
#include "daglex.h"

enum {
	DAGGROUPS_UP = 1,	/* the task comes after one of its group */
	DAGGROUPS_DOWN = 2,	/* one of its group comes after it */
};

struct daggroups {
	const struct daglex *lex;
	struct dagerr *err;
	uint32_t n;		/* 0: the other fields are NULL */
	uint32_t *section;	/* the section of each */
	bool *told;		/* what is wrong with its "after" was said */
	uint32_t *of;		/* the group of each task; n: none */
	unsigned char *inner;	/* of each task: DAGGROUPS_UP… */
};

/*
 * Numbers the groups, and finds those of tasks (sections task[n]). Errors:
 * groups that are there twice or that no task is in, unknown ones. 0, or -1
 * with errno ENOMEM.
 */
int daggroups_init(struct daggroups *, const struct daglex *,
	const uint32_t *task, uint32_t n, struct dagerr *);
/* the group of that name, or n */
uint32_t daggroups_find(const struct daggroups *, const char *name,
	size_t len);
void daggroups_free(struct daggroups *);

#endif
