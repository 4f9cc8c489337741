/* latest: what the DAG file of a run says today. */
#ifndef LATEST_H
#define LATEST_H

#include "spool.h"

enum latest_result {
	LATEST_SAME,		/* what the run was made from */
	LATEST_CHANGED,		/* plan has what it says now */
	LATEST_GONE,		/* it is not there */
	LATEST_BAD,		/* it has errors: the first in why */
	LATEST_ERROR,		/* errno */
};

/* the file looked at last, so that many runs of a DAG cost one compilation;
 * zero at first */
struct latest {
	char *path;
	enum latest_result found;	/* CHANGED, or why there is no plan */
	struct buf text, why;
	struct plan plan;
	bool made;
};

/*
 * Compares a run's plan (loaded) with its DAG file, compiled: the one that its
 * plan names, or if that is gone the one of its name that dagparse would take.
 * What is in l lives until the next call; latest_free.
 */
enum latest_result latest_look(struct latest *l, const struct run *);
void latest_free(struct latest *);

#endif
