/* schedjob: one DAG that is being decided about, and what comes out. */
#ifndef SCHEDJOB_H
#define SCHEDJOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backfills.h"
#include "buf.h"
#include "known.h"
#include "rec.h"
#include "slots.h"

struct spool;

enum sched_mode {
	SCHED_DUE,		/* what is due now */
	SCHED_BACKFILL,		/* the slots of a period that have no run */
	SCHED_MANUAL,		/* one run, now */
	SCHED_WHY,		/* why there are runs or none: lines in out */
};

/* records of one DAG in one pass, at most; the rest is for the next */
enum { SCHED_MAX = 1000000 };

/* what is asked of a backfill */
struct sched_backfill {
	const char *period;		/* see backfill.h */
	const char *name;		/* NULL: none is made, see plan */
	bool paced;			/* it takes its time */
	enum backfills_again again;
	bool reverse;
	int64_t limit;			/* slots of each DAG; 0: all */
	const struct rec_field *key;	/* limits, as in backfills/NAME */
	size_t nkey;
	bool plan;			/* only say how much it would be */
};

/* what is asked for, the same for all DAGs, and what comes out */
struct sched {
	enum sched_mode mode;
	struct sched_backfill backfill;
	const char *why;		/* SCHED_WHY: of this RUN, or NULL */
	const struct backfills *backfills;	/* those that are at work */
	const struct known_there *there;	/* see known.h; or NULL */
	const struct rec_field *param;	/* names without "param." */
	size_t nparam;
	int64_t now;
	struct spool *spool;		/* NULL: there is none yet */
	struct buf out;			/* records, the definition first */
	void (*full)(struct buf *);	/* empties out when it is large */
	struct buf notes;		/* lines for people */
	int64_t runs, missed;		/* records of the last DAG */
	int64_t asked;			/* runs that a backfill will make */
	int64_t wake;			/* when it has something due next, as
					 * far as time alone decides;
					 * INT64_MAX: never */
	bool quiet;			/* nothing came out, and nothing will
					 * before wake, unless files change */
	struct buf watch;		/* lines, directories in the spool, or,
					 * with "/" first, others: a change in
					 * them may decide more */
};

/* one DAG at work */
struct sched_job {
	struct sched *sched;
	const struct buf *text;
	bool named;		/* its definition is out */
	int slotless;		/* its runs do not come by slots: slotless.h */
	struct rec dag;
	struct slots slots;
	struct known known;
	bool unseen;		/* dagq has not seen this schedule */
	struct buf *why;
};

/* where the next record goes: behind the definition */
struct buf *sched_output(struct sched_job *);
/* notes that the end of any of these runs may decide more */
void sched_watch(struct sched_job *, const struct run_entry *, size_t n);

#endif
