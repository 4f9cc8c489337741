/* ids: what the IDs that users write stand for. */
#ifndef IDS_H
#define IDS_H

#include <stdbool.h>
#include <stddef.h>

#include "spool.h"

/* run "" means the whole DAG, task "" the whole run */
struct id {
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	bool archived;		/* the run is only in archive/ */
};

struct ids {
	struct id *id;
	size_t n, cap;
};

#define IDS_INIT {NULL, 0, 0}

enum {
	IDS_ARCHIVED = 1,	/* runs that are only in archive/ will do too */
};

/*
 * Appends what text stands for, in order (DAGs by name, runs by instant,
 * tasks as in the plan): DAG, DAG/RUN, DAG/RUN/TASK, where RUN may be a
 * unique beginning or "@" (the latest), each a glob; or the path of a marker,
 * log, value, run directory or archive. Exact names cost no listing. 0; 1: some
 * of many DAGs are damaged, as why says, and left out; -1
 * with why in words (to be put behind "TEXT: ") and errno: EINVAL not an ID,
 * ENOENT not there, ENOTUNIQ ambiguous, EXDEV a path into another spool; the
 * rest is the system's, and why may be empty.
 */
int ids_resolve(struct spool *, const char *text, unsigned flags, struct ids *,
	struct buf *why);
void ids_free(struct ids *);
/* adds an ID of names; "" where it has none. It lives until the next call;
 * NULL and errno */
struct id *ids_add(struct ids *, const char *dag, const char *run,
	const char *task);
/* appends DAG, DAG/RUN or DAG/RUN/TASK */
void id_text(struct buf *, const struct id *);
/* by DAG, instant of the run (names where equal), task: for qsort */
int id_compare(const void *, const void *);

#endif
