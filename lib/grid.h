/* grid: the last runs of a DAG by its tasks: a column a run, a line a task. */
#ifndef GRID_H
#define GRID_H

#include "spool.h"
#include "term.h"

enum { PICTURE_LINES = 50 };	/* of tasks; more of them are told in short */

/*
 * Appends the grid of a DAG's last runs, archived ones too: at most runs of
 * them (0: as many as are easily told apart), and no more than are as wide as
 * the terminal. The tasks are those of the last run. Of more than
 * PICTURE_LINES those that are alike in all runs are one line, unless all. -1
 * and errno: ENOENT it has no run; what could not be read is left blank.
 */
int grid_put(struct spool *, const char *dag, const struct term *,
	size_t runs, bool all, struct buf *);

#endif
