/* attempt: one try at a task: claimed, run, recorded. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include "marker.h"
#include "pool.h"
#include "spool.h"
#include "world.h"

/* dagspool(5), "Claim" and "End of an attempt", say the order of steps */

struct ended;
struct limit;
struct made;

enum claim {
	CLAIM_OK,
	CLAIM_GONE,		/* somebody else was first, or it is no more */
	CLAIM_LATER,		/* not due, or locked by another: look again */
	CLAIM_FULL,		/* pool.full says which pool has no slot */
	CLAIM_BAD,		/* damaged: why says what */
	CLAIM_ERROR,		/* the system failed: errno */
	CLAIM_LOST,		/* the same, and it is claimed: for recovery */
};

struct attempt {
	struct run *run;
	uint32_t task;
	char name[TASK_LEN + 1];
	unsigned n;
	bool look;		/* a sensor's next look: n was used before */
	int fd;			/* the marker, byte 0 locked: we live */
	int childfd;		/* the marker again, byte 1: the task lives */
	int log;
	off_t written;		/* the marker's size as far as we know */
	struct pool_hold pool;
	struct marker_sum before;
};

/* how it ended */
struct outcome {
	enum state state;	/* READY: to be tried, or looked at, again */
	int64_t at;		/* READY: when */
};

/* claims a task that is READY, or WAITING, of a run that is locked then; when
 * CLAIM_OK the caller runs it and then ends it */
enum claim attempt_claim(struct attempt *, struct run *, uint32_t task,
	enum state, struct buf *why);
/* makes the directories that any attempt of a run needs; -1 and errno */
int attempt_expect(struct run *);
/*
 * Runs it to its end and records that: the last rename is done when it
 * returns. nullfd: /dev/null for its stdin. -1 and errno: it could not be
 * recorded, and is left to recovery.
 */
int attempt_run(struct attempt *, const struct world_run *, int nullfd,
	struct outcome *);
/* writes that it has begun, without a process; 0, or -1 and errno */
int attempt_start(struct attempt *);
/* records its end, as that of its process means (struct ended, limit, made):
 * the last rename is done when it returns; -1 and errno */
int attempt_record(struct attempt *, const struct ended *,
	const struct limit *, const struct made *, struct outcome *);
/* nothing was started: it is ready again, with no attempt spent; -1: it is not.
 * errno is kept */
int attempt_back(struct attempt *);
/* takes away what an attempt before left in out/ and files/: of a DAG with
 * targets, not before it is known that this one will run; -1 and errno */
int attempt_fresh(struct attempt *);
/* lets go of the marker; after evaluation */
void attempt_close(struct attempt *);
/* how many attempts a task may have in all, as its plan says */
unsigned attempt_limit(const struct run *, uint32_t task);

#endif
