/* offer: what a supervisor that is at work may do next, given to it ahead. */
#ifndef OFFER_H
#define OFFER_H

#include "exec.h"

/*
 * See supervisor.h for how. What is offered is out of the ready list, and has
 * no claim yet: who is idle, or what is more urgent, gets it back.
 */

/* offers what is ready, or what will be by what they do, to supervisors that
 * are at work and have no offer */
void offer_all(struct executor *);
/* withdraws those that are overtaken by what has become ready since, and what
 * follows from a task that still runs but is ready all the same: by a rule, or
 * by hand */
void offer_review(struct executor *);
/* withdraws the first to be claimed of those that are ready; false: there is
 * none */
bool offer_withdraw(struct executor *);
/* withdraws all: nothing more is to be begun */
void offer_none(struct executor *);
/* is there one? then it matters what else becomes ready */
bool offer_any(const struct executor *);
/* its supervisor has taken it: the slot has that task now */
void offer_took(struct executor *, struct slot *);
/* its supervisor has replied that it did not take it, or is dead */
void offer_back(struct executor *, struct slot *);
/* its supervisor is dead, or is left alone */
void offer_end(struct executor *, struct slot *);

#endif
