/* known: what the spool knows of a DAG: slots decided, since when, paused. */
#ifndef KNOWN_H
#define KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "names.h"

struct rec;
struct run_entry;
struct spool;

struct known_span {
	int64_t from, to;	/* both included */
};

struct known {
	int64_t *run;		/* instants that have a run, ascending */
	size_t nrun;
	struct known_span *passed;	/* recorded as missed or purged */
	size_t npassed, cap;
	/* dags/DAG */
	bool listed;		/* there is such a file */
	bool paused;
	int64_t paused_at;	/* since when it is as it is; 0: not known */
	struct buf user, note;	/* whose doing, and why; empty: not known */
	bool seen;		/* the schedule key is known since since */
	bool first;		/* it is the first one seen */
	int64_t since;
	struct buf key;
	struct buf slots;	/* as known_slots has it */
};

/* what was in archive/ and history/ when somebody listed them, so that what is
 * not there need not be looked for, DAG by DAG; name NULL: not listed */
struct known_there {
	struct names archive, history;
};

/* lists both, if it can; known_unlist in any case */
void known_list(struct known_there *, struct spool *);
void known_unlist(struct known_there *);
/* has the DAG been archived, is there a history of it? true if not listed */
bool known_archived(const struct known_there *, const char *dag);
bool known_history(const struct known_there *, const char *dag);
/*
 * Reads it all; a spool that is NULL knows nothing, and there may be NULL. 0,
 * or -1 and errno. known_free in any case.
 */
int known_load(struct known *, struct spool *, const char *dag,
	const struct known_there *);
/* the same, but only what dags/DAG says: no instants */
int known_dag(struct known *, struct spool *, const char *dag);
void known_free(struct known *);
/* appends what a record says of when there are slots, as fields of another */
void known_slots(struct buf *, const struct rec *);
/* the runs of a DAG that have not ended, by instant, manual ones left out:
 * malloc'ed; -1 and errno */
int known_live(struct spool *, const char *dag, struct run_entry **,
	size_t *n);
/* is there a run of this instant, live or archived? manual ones are none */
bool known_run(const struct known *, int64_t t);
/* is a slot decided: by a run, or as missed or purged? */
bool known_decided(const struct known *, int64_t t);

#endif
