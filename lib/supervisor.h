/* supervisor: a slot's process: runs one task after the other. */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include "ahead.h"

/*
 * A supervisor and the dagexec that started it talk over a socket pair of
 * whole messages. It runs and records tasks, and ends a run with its last;
 * what is released by them is for its dagexec, which hears of many: settle.h.
 * It outlives its dagexec: then it ends its task, evaluates the runs that it
 * has worked for, and leaves.
 *
 * So that it need not wait for its next order, its dagexec may offer it some
 * ahead: ahead.h. A supervisor whose task succeeded takes the first of those
 * before it replies, and says so; until then the dagexec can withdraw it. On
 * disk nothing is claimed by an offer: the task stays in queue/, for whoever
 * comes first. Of tasks in a row the next may be offered while it waits: then
 * its supervisor settles what follows from its own, as anybody may, and claims
 * the next where it waits if that is all of it: duty.h. Replies are in that
 * memory too, and its dagexec is woken up by an empty message only if something
 * is wanted of it: that what follows is released, or another order.
 */

/* it exits so if it cannot begin, for want of space or memory say */
enum { SUPERVISOR_UNFIT = 111 };

/* to a supervisor */
struct supervisor_order {
	enum {
		ORDER_RUN,
		ORDER_EXPECT,	/* its run has come, and it may: no reply */
		ORDER_LEAVE,	/* all it has said is dealt with */
	} kind;
	char file[FILE_LEN];	/* the marker's name when it is in queue/ */
};

/* forks one; the process, its end of the socket in *sock, and in *ahead, to be
 * freed when it is gone, where its orders ahead and its replies are; NULL: its
 * replies come over the socket. -1 and errno */
pid_t supervisor_start(const struct spool *, int *sock, struct ahead **ahead);

#endif
