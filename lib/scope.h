/* scope: setups, teardowns, and what is between them. */
#ifndef SCOPE_H
#define SCOPE_H

#include "plan.h"

/* calls f with each teardown and one of its setups, until it says other than
 * 0; what f said, or -1 ENOMEM */
int scope_each(const struct plan *, int (*f)(void *, uint32_t down,
	uint32_t setup), void *);
/*
 * Finds those that are bound to a setup: between it and its teardown, but not
 * right after it, with a trigger rule on the way that would let them run
 * whatever has become of it. What is always run is bound to none. 0, -1 ENOMEM.
 */
int scope_make(struct plan *);
/* the first of those of a task, or of later ones: up to bound + nbound */
const struct plan_bound *scope_bound(const struct plan *, uint32_t task);
/* is a task bound to this one? */
bool scope_binds(const struct plan *, uint32_t setup);
/*
 * Of what is chosen to be run again, what is between a setup and its teardown
 * (or is the setup): chooses both too. 0, -1 ENOMEM.
 */
int scope_add(const struct plan *, bool *chosen);

#endif
