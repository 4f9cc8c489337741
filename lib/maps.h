/* maps: the lists of a run's mapped tasks, as they are on disk. */
#ifndef MAPS_H
#define MAPS_H

#include "planmap.h"

struct maps;

/*
 * Brings *maps (NULL at first) up to date with map/ in a run's directory:
 * 1 there are lists that there were not, or others; 0 all is as it was; -1
 * and errno, EINVAL a list is damaged and why (or NULL) says how. What was
 * there before lives on until maps_free.
 */
int maps_look(struct maps **, int runfd, const struct plan *own,
	struct buf *why);
/* the plan with all instances */
const struct plan *maps_plan(const struct maps *);
/* the list of a task, or NULL: there is none */
const struct planmap_list *maps_list(const struct maps *, uint32_t task);
void maps_free(struct maps *);

/*
 * The same of lists that were read elsewhere: each file of map/ is added, by
 * its name; then maps_made makes the plan. -1 and errno.
 */
struct maps *maps_begin(void);
int maps_add(struct maps *, const struct plan *own, const char *file,
	const char *text, size_t n);
int maps_made(struct maps *, const struct plan *own, struct buf *why);

#endif
