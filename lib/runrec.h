/* runrec: how a run or a missed slot is written as a record. */
#ifndef RUNREC_H
#define RUNREC_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct due_item;
struct rec_field;
struct slots;

/* how a run came to be, and what else its record says */
struct runrec {
	const char *cause;
	const struct rec_field *param;	/* names without "param." */
	size_t nparam;
	const struct rec_field *key;	/* as they are */
	size_t nkey;
};

/*
 * Appends the run record of a slot, or of a manual run at t, with the bounds
 * of its data interval: of a slot it begins before the slot first, which is t
 * unless it covers more.
 */
void runrec_slot(struct buf *, const char *dag, const struct slots *,
	int64_t t, int64_t first, const struct runrec *);
void runrec_manual(struct buf *, const char *dag, const struct slots *,
	int64_t t, const struct runrec *);
/* the same of a run that a task of another DAG wants: of a slot, or with the
 * suffix of that other's run, which was made by hand */
void runrec_child(struct buf *, const char *dag, const struct slots *,
	int64_t t, const char *suffix, const struct runrec *);
/* appends the record of slots that are passed over */
void runrec_missed(struct buf *, const char *dag, const struct slots *,
	const struct due_item *);

#endif
