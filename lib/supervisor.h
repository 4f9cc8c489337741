/* supervisor: a slot's process: runs one task after the other. */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include "spool.h"

/*
 * A supervisor and the dagexec that started it talk over a socket pair of
 * whole messages. It runs and records tasks, and ends a run with its last;
 * what is released by them is for its dagexec, which hears of many: settle.h.
 * It outlives its dagexec: then it ends its task, evaluates the runs that it
 * has worked for, and leaves.
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

/* from it, one for each ORDER_RUN */
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
	enum state state;
	int64_t at;
	char file[FILE_LEN];
	char text[FILE_LEN];
};

/* forks one; the process, its end of the socket in *sock; -1 and errno */
pid_t supervisor_start(const struct spool *, int *sock);

#endif
