/* maker: makes runs of one DAG, whole or not at all. */
#ifndef MAKER_H
#define MAKER_H

#include "rec.h"
#include "spool.h"

enum { MAKER_BATCH = 256 };

struct maker {
	struct spool *spool;
	const struct plan *plan;
	int dirfd;		/* runs/DAG, locked */
	char hash[32];		/* the plan's name in plans/DAG */
	char *dir;		/* where its tasks work, resolved */
	int64_t *taken;		/* instants that have a run, sorted */
	size_t ntaken, captaken;
	char manual[RUN_LEN + 1];	/* the name asked for last, */
	unsigned number;		/* and the number that it got */
	struct {
		char tmp[64], name[RUN_LEN + 1];
	} built[MAKER_BATCH];	/* aside, to be published */
	size_t n;
	bool holds;		/* some task has hold=yes */
	bool given;		/* the caller's: tasks work where records say */
	unsigned long count;	/* names in tmp/ */
};

/* are the pools there that a plan's tasks ask for? -1 with EINVAL and why */
int maker_check(struct spool *, const struct plan *, struct buf *why);
/*
 * Begins: stores the plan (which must live until maker_end) and locks
 * runs/DAG. -1 and errno; EINVAL and why: as maker_check.
 */
int maker_start(struct maker *, struct spool *, const struct plan *,
	struct buf *why);
/*
 * Builds the run that a run record asks for, aside. 1 it will be made; 0
 * there is one already, and nothing is to be done; -1 and errno, EINVAL with
 * why. Its name, which a manual run gets here, in name.
 */
int maker_add(struct maker *, const struct rec *, char name[RUN_LEN + 1],
	struct buf *why);
/* builds into tmp/TMP what a run of that name is when it is new; -1, errno:
 * what there is of it is the caller's to remove */
int maker_build(struct maker *, const struct rec *, const char *tmp,
	const char *name);
/* publishes what was built: synced, renamed, synced. Then it is acknowledged */
int maker_commit(struct maker *);
/* undoes what was not published, admits and evaluates, unlocks */
int maker_end(struct maker *);

#endif
