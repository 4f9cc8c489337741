/* others: the runs that a task comes after: of other DAGs, and of the past. */
#ifndef OTHERS_H
#define OTHERS_H

#include "spool.h"

/* a slot of another DAG, and what became of the task there that is asked for */
struct other {
	int64_t time;
	enum state state;	/* STATE_NONE: it has not ended */
	const struct run_entry *run;	/* NULL: it has none */
	bool decided;		/* else it is to have one yet */
};

struct others {
	bool known;		/* the spool has seen the DAG */
	struct other *list;	/* by instant */
	size_t n, cap;
	struct run_entry *run;	/* all runs of the DAG */
	size_t nrun;
};

/*
 * The slots of a DAG in (from, to], or the latest before if there is none,
 * with the state of its task, of the whole run if that is "". A slot that was
 * missed is skipped, and so is a run that has no such task. What active runs
 * have recorded is synced. 0, or -1 and errno; others_free in any case.
 */
int others_load(struct others *, struct spool *, const char *dag,
	const char *task, int64_t from, int64_t to);
void others_free(struct others *);

/* the data interval of a run, as its record has it: after from, up to to;
 * without one it is empty. -1 and errno */
int others_interval(const struct run *, int64_t *from, int64_t *to);
/*
 * The last run before this one that is not waiting itself, manual ones left
 * out: 1 and its name; 0 there is none, or this one is manual; -1 and errno.
 */
int others_before(const struct run *, char name[RUN_LEN + 1]);
/* the state of a task of a run, live or not, as above */
int others_state(struct spool *, const char *dag, const char *run,
	const char *task, enum state *);

#endif
