/* target: what a task reads and what it makes: inputs, output, their state. */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>

#include "expand.h"
#include "plan.h"

enum { TARGET_MARK = 52 };	/* bytes of a mark, with its NUL */

struct target {
	struct buf inputs, outputs;	/* absolute paths, a NUL behind each */
	struct buf stage;	/* $DAG_STAGE; "" without outputs */
};

/* has any task of the plan a target? */
bool target_any(const struct plan *);
/*
 * The paths of a task in dir, which are replaced from env; id, DAG@RUN.TASK,
 * is for the name of the stage, beside the first output. 0, or -1 and errno,
 * EINVAL and why.
 */
int target_load(struct target *, const struct plan *, uint32_t task,
	const char *dir, const char *id, const struct expand *env,
	struct buf *why);
void target_free(struct target *);
/* has this task one? */
bool target_has(const struct target *);
/* the first output that is not there, or NULL */
const char *target_missing(const struct target *);
/*
 * What a task makes its outputs from, in one word: hashes of its command, of
 * what it is told (entries of an environment; that which says which attempt
 * it is does not count), and of the names and contents of its inputs (of a
 * directory, the names in it). 0, or -1 and errno, and why: an input that is
 * not there, or cannot be read.
 */
int target_mark(const struct target *, const char *command, size_t ncommand,
	const char *told, size_t ntold, char mark[TARGET_MARK],
	struct buf *why);
/* what is not the same in two marks, in words; NULL: all is */
const char *target_differs(const char *before, const char *now);

#endif
