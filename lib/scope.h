/* scope: setups, teardowns, and what is between them. */
#ifndef SCOPE_H
#define SCOPE_H

#include "plan.h"

/*
 * Of what is chosen to be run again, what is between a setup and its teardown
 * (or is the setup): chooses both too. 0, -1 ENOMEM.
 */
int scope_add(const struct plan *, bool *chosen);

#endif
