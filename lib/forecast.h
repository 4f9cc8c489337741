/* forecast: which deadlines of a run will not be kept, if all goes as usual. */
#ifndef FORECAST_H
#define FORECAST_H

#include "late.h"
#include "look.h"

/*
 * Adds a line for each deadline that has passed or will be missed, of those
 * that have not ended: each task takes its median, from now or from its start,
 * behind those that it comes after; what the history does not know takes no
 * time, so what is said to be late will be. only: one task, or -1 all and the
 * run. -1 and errno.
 */
int forecast_run(struct late *, struct spool *, struct look *, int64_t only,
	struct view *);

#endif
