/* ahead: what a supervisor does next, in memory that its dagexec shares. */
#ifndef AHEAD_H
#define AHEAD_H

#include <stdatomic.h>

#include "spool.h"

/*
 * Orders that a dagexec gives before they are wanted, and the replies to all.
 * Each side goes through both in turn. A supervisor takes an order, or its
 * dagexec withdraws it, the last first: both do by exchanging its state, so
 * that only one of them has the task. The dagexec takes note of that with the
 * reply to the order before; only then the place is free for another.
 */

enum {
	AHEAD = 8,		/* orders, at most */
	AHEAD_LOW = 2,		/* with fewer left more are wanted */
};

/* from a supervisor, one for each order */
struct supervisor_reply {
	enum {
		REPLY_DONE,	/* ran: state */
		REPLY_GONE,	/* somebody else has it */
		REPLY_LATER,	/* not due or locked */
		REPLY_FULL,	/* text: the pool without a free slot */
		REPLY_BAD,	/* text: what is wrong with it */
		REPLY_ERROR,	/* error: what the system said, an errno */
	} kind;
	int error;
	bool broken;		/* ERROR: of a sync, which is final */
	bool took;		/* it goes on with the first that is ahead */
	bool settled;		/* DONE: what follows is released already */
	enum state state;
	char text[FILE_LEN];
};

struct ahead_order {
	_Atomic int state;
	/* written while the state is NONE */
	bool follows;		/* it waits for the one before to succeed */
	char file[FILE_LEN];	/* the marker's name when it is in queue/ */
};

struct ahead {
	struct ahead_order order[AHEAD];
	unsigned first, n;	/* the dagexec's: not known to be taken */
	unsigned next;		/* the supervisor's place */
	/* no more than AHEAD + 1 at once: the last of them took none */
	struct supervisor_reply reply[2 * AHEAD];
	unsigned got;		/* the dagexec's place */
	_Atomic unsigned put;
	_Atomic bool calm;	/* what follows from one need not come soon */
};

/* empty; NULL and errno */
struct ahead *ahead_new(void);
void ahead_free(struct ahead *);

/* the dagexec's side: one more order, of n < AHEAD */
void ahead_make(struct ahead *, const char *file, bool follows);
/* not the last one; false: it is taken */
bool ahead_withdraw(struct ahead *);
/* the first has been taken, as a reply says */
void ahead_took(struct ahead *);
/* none: it does none of them, as a reply says, or is dead */
void ahead_clear(struct ahead *);
/* which of its orders is the n-th that is not known to be taken? */
unsigned ahead_place(const struct ahead *, unsigned n);
/* is that one taken, though no reply has said so yet? */
bool ahead_taken(const struct ahead *, unsigned n);
/* the next reply, until this is called again; NULL: there is none */
const struct supervisor_reply *ahead_reply(struct ahead *);

/* is no slot without a task? Said before the dagexec sleeps: then it is woken
 * up for a reply only if orders are wanted; what follows comes behind those */
void ahead_be_calm(struct ahead *, bool);

/* the supervisor's side: what is next; NULL: nothing */
const struct ahead_order *ahead_next(struct ahead *);
/* takes it; false: it was withdrawn */
bool ahead_take(struct ahead *, char file[FILE_LEN]);
/* does not do what it took last, and says so with its reply */
void ahead_leave(struct ahead *);
void ahead_put(struct ahead *, const struct supervisor_reply *);
/* asked when the reply is there, so that either side sees what the other did:
 * are there so many left that nobody need be woken up for more? */
bool ahead_enough(const struct ahead *);
bool ahead_calm(const struct ahead *);

#endif
