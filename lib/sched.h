/* sched: from the definition of a DAG to the records of its runs. */
#ifndef SCHED_H
#define SCHED_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct rec_field;
struct spool;

enum sched_mode {
	SCHED_DUE,		/* what is due now */
	SCHED_BACKFILL,		/* the slots of a period that have no run */
	SCHED_MANUAL,		/* one run, now */
};

/* records of one DAG in one pass, at most; the rest is for the next */
enum { SCHED_MAX = 1000000 };

/* what is asked for, the same for all DAGs, and what comes out */
struct sched {
	enum sched_mode mode;
	const char *period;		/* of a backfill, see backfill.h */
	const struct rec_field *param;	/* names without "param." */
	size_t nparam;
	int64_t now;
	struct spool *spool;		/* NULL: there is none yet */
	struct buf out;			/* records, the definition first */
	void (*full)(struct buf *);	/* empties out when it is large */
	struct buf notes;		/* lines for people */
	int64_t runs, missed;		/* records of the last DAG */
	int64_t wake;			/* when it has something due next, as
					 * far as time alone decides;
					 * INT64_MAX: never */
	struct buf watch;		/* lines, directories in the spool: a
					 * change in them may decide more */
};

/*
 * Decides about the definition in text (a dag record and its task records)
 * and appends what follows to out, if anything does. 0; 1 and in why what is
 * wrong with the definition or with what is asked; -1 and errno, of what in
 * why.
 */
int sched_dag(struct sched *, const struct buf *text, struct buf *why);

#endif
