/* dispatch: orders to the supervisors of the slots, and their replies. */
#ifndef DISPATCH_H
#define DISPATCH_H

#include "exec.h"

/* starts a supervisor for each slot that has none; -1 and errno if one could
 * not be, and those that could are there */
int slots_start(struct executor *);
/* takes what it says, or finds that it died: another is started when all is
 * looked at again, at once or, if it could not begin, later */
void slot_reply(struct executor *, struct slot *);

/*
 * Hands out what is ready. What ended is settled before that if what follows
 * comes first; else behind it, when a slot has nothing to do otherwise, or
 * when it has waited long enough. true: something may have become ready.
 */
bool dispatch_all(struct executor *);
/* settles what ended, see settle.h */
void dispatch_settle(struct executor *);
/* has a slot nothing to do? */
bool dispatch_room(const struct executor *);
/* how long to sleep at most, in ms, -1: until something happens */
int dispatch_patience(const struct executor *);

#endif
