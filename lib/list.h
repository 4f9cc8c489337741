/* list: goes through runs and tasks and puts them into a view. */
#ifndef LIST_H
#define LIST_H

#include "filter.h"
#include "view.h"

struct list {
	struct spool *spool;
	struct view *view;
	struct filter filter;	/* only what passes it */
	/* what could not be read, and why: the rest goes on */
	void (*fault)(const char *thing, const char *why);
	unsigned long faults;
};

/* all of these: -1 and errno if the system failed */

/* a line for each run of a DAG; archived: also those that are in archive/ */
int list_runs(struct list *, const char *dag, bool archived);
/* a line for each task of each run of a DAG */
int list_dag_tasks(struct list *, const char *dag, bool archived);
/* a line for the task, or for each task of the run, of each of n IDs, which
 * are of one run; a task's state filter too */
int list_tasks(struct list *, const struct id *, size_t n);
/* a line for each missed slot in a DAG's history */
int list_missed(struct list *, const char *dag);

#endif
