/* offer: what a supervisor that is at work may do next, given to it ahead. */
#ifndef OFFER_H
#define OFFER_H

#include "exec.h"

/*
 * See ahead.h for how. What is offered is out of the ready list, and has no
 * claim yet: who is idle, or what is more urgent, gets it back. One is offered;
 * to a slot whose tasks take a few ms each, as many alike as there is room for.
 */

/* offers what is ready, or what will be by what they do, to supervisors that
 * are at work and have room */
void offer_all(struct executor *);
/* withdraws those that are overtaken by what has become ready since; what
 * follows from a task that still runs but is ready all the same, by a rule, or
 * by hand; and all but one of a slot that is not so fast any more */
void offer_review(struct executor *);
/* when the last of these must be looked for, in ms, -1: need not be */
int offer_patience(const struct executor *);
/* withdraws what is ready, or was offered behind that; false: there is none */
bool offer_withdraw(struct executor *);
/* withdraws all: nothing more is to be begun */
void offer_none(struct executor *);
/* is there one? then it matters what else becomes ready */
bool offer_any(const struct executor *);
/* its supervisor has taken the first: the slot has that task now */
void offer_took(struct executor *, struct slot *);
/* it has a task since now */
void offer_began(struct slot *);
/* its supervisor has replied that it took none, or is dead */
void offer_back(struct executor *, struct slot *);
/* its supervisor is dead, or is left alone */
void offer_end(struct executor *, struct slot *);

#endif
