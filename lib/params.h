/* params: the parameters that a DAG declares, and the values they may have. */
#ifndef PARAMS_H
#define PARAMS_H

#include "plan.h"
#include "rec.h"

/* one, as declared: NULL where nothing is said */
struct param {
	const char *type, *fallback, *choices, *match;
};

/* what is wrong with a value is put into why: 0, or -1 */
int param_check(const struct param *, const char *value, struct buf *why);
/* is it a regular expression, as match takes it? 0, or -1 and why */
int param_match_check(const char *, struct buf *why);
/*
 * Checks the parameters of a run record against what its plan declares, if it
 * declares any: 0; -1 with errno EINVAL and why, or ENOMEM.
 */
int params_check(const struct plan *, const struct rec *run, struct buf *why);
/* appends the defaults of those that a run record does not have; 0, or -1 */
int params_defaults(const struct plan *, const struct rec *run, struct buf *);

#endif
