/* runrec: how a run or a missed slot is written as a record. */
#ifndef RUNREC_H
#define RUNREC_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct due_item;
struct rec_field;
struct slots;

/*
 * Appends the run record of a slot, or of a manual run at t, with the bounds
 * of its data interval; its params are n fields, names without "param.".
 */
void runrec_slot(struct buf *, const char *dag, const struct slots *,
	int64_t t, const char *cause, const struct rec_field *, size_t n);
void runrec_manual(struct buf *, const char *dag, const struct slots *,
	int64_t t, const struct rec_field *, size_t n);
/* appends the record of slots that are passed over */
void runrec_missed(struct buf *, const char *dag, const struct slots *,
	const struct due_item *);

#endif
