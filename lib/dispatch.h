/* dispatch: orders to the supervisors of the slots, and their replies. */
#ifndef DISPATCH_H
#define DISPATCH_H

#include "exec.h"

/* starts a supervisor for each slot that has none; -1 and errno if one could
 * not be, and those that could are there */
int slots_start(struct executor *);
/* tells them to leave, without a look at what follows from what they did: it
 * has been dealt with, or (all) must not be */
void slots_leave(struct executor *, bool all);
/* lets go of them: what runs, goes on */
void slots_end(struct executor *);
/* its socket can be read: takes what it has replied, or finds that it died:
 * another is started when all is looked at again, at once or, if it could not
 * begin, later */
void slot_called(struct executor *, struct slot *);

/*
 * Hands out what is ready. What ended is settled before that if what follows
 * comes first; else behind it, when a slot has nothing to do otherwise, or
 * when it has waited long enough. true: something may have become ready.
 */
bool dispatch_all(struct executor *);
/* begins nothing more, and settles what has ended */
void dispatch_stop(struct executor *);
/* does it matter what becomes ready? Not while no slot can have it, or another
 * than was offered: the events wait, and come all at once */
bool dispatch_open(const struct executor *);
/* how long to sleep at most, in ms, -1: until something happens */
int dispatch_patience(const struct executor *);

#endif
