/* supervisor: a slot's process: runs one task after the other. */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include <stdatomic.h>

#include "spool.h"

/*
 * A supervisor and the dagexec that started it talk over a socket pair of
 * whole messages. It runs and records tasks, and ends a run with its last;
 * what is released by them is for its dagexec, which hears of many: settle.h.
 * It outlives its dagexec: then it ends its task, evaluates the runs that it
 * has worked for, and leaves.
 *
 * So that it need not wait for its next order, its dagexec may offer it one
 * ahead, in memory that both see. A supervisor whose task succeeded takes that
 * before it replies, and says so; until then the dagexec can withdraw it. Both
 * do by exchanging the state, so that only one of them has the task. On disk
 * nothing is claimed by it: the task stays in queue/, for whoever comes first.
 * Of tasks in a row the next may be offered before it is ready: then its
 * supervisor settles what follows from its own, as anybody may.
 */

/* it exits so if it cannot begin, for want of space or memory say */
enum { SUPERVISOR_UNFIT = 111 };

/* to a supervisor */
struct supervisor_order {
	enum {
		ORDER_RUN,
		ORDER_LEAVE,	/* all it has said is dealt with */
	} kind;
	char file[FILE_LEN];	/* RUN: the marker's name in queue/ */
};

/* what comes after the order that it works at */
struct supervisor_offer {
	_Atomic int state;
	/* written while the state is NONE */
	bool follows;		/* it waits for that order to succeed */
	char file[FILE_LEN];
};

enum {
	OFFER_NONE,	/* the dagexec may make one */
	OFFER_MADE,	/* the supervisor may take it */
	OFFER_TAKEN,	/* it has, until its dagexec has read the reply */
};

/* the offer goes from MADE to that; false: the other one was first */
bool supervisor_offer_end(struct supervisor_offer *, int state);

/* from it, one for each ORDER_RUN and each offer that it took */
struct supervisor_reply {
	enum {
		REPLY_DONE,	/* ran: state and at */
		REPLY_GONE,	/* somebody else has it */
		REPLY_LATER,	/* not due or locked */
		REPLY_FULL,	/* text: the pool without a free slot */
		REPLY_BAD,	/* text: what is wrong with it */
		REPLY_ERROR,	/* error: what the system said, an errno */
	} kind;
	int error;
	bool broken;		/* ERROR: of a sync, which is final */
	bool took;		/* it goes on with what was offered */
	bool settled;		/* DONE: what follows is released already */
	enum state state;
	int64_t at;
	char file[FILE_LEN];
	char text[FILE_LEN];
};

/* forks one; the process, its end of the socket in *sock, and in *offer (which
 * may be NULL) where offers to it are made, to be given back when it is gone;
 * -1 and errno */
pid_t supervisor_start(const struct spool *, int *sock,
	struct supervisor_offer **offer);
void supervisor_offer_free(struct supervisor_offer *);

#endif
