/* param: a run's parameters, changed. */
#ifndef PARAM_H
#define PARAM_H

#include "rec.h"
#include "spool.h"

/*
 * Writes the record of a run (locked) anew, with these parameters set (names
 * without "param."): whole, synced. -1 and errno: EINVAL it is damaged.
 */
int param_set(const struct run *, const struct rec_field *, size_t n);

/*
 * Would its plan (loaded) take them, as params_check has it? 0; -1 with errno
 * EINVAL and why.
 */
int param_try(const struct run *, const struct rec_field *, size_t n,
	struct buf *why);

/* puts them into a record, params=a=1 b=2; nothing if there are none */
void param_text(struct buf *, const struct rec_field *, size_t n);

#endif
