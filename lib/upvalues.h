/* upvalues: what the tasks before a task left, as variables for it. */
#ifndef UPVALUES_H
#define UPVALUES_H

#include "spool.h"

/*
 * Adds DAG_FROM_TASK_key=VALUE, each with a NUL behind it, to env, for what
 * the upstreams of a task left in out/. Several lines of one key are a list,
 * a line each; a name that two upstreams give is the first one's. What is
 * too much for execve(2) is left out: it is to be read from the file. -1 and
 * errno, and in why which file cannot be read.
 */
int upvalues_add(struct buf *env, const struct run *, uint32_t task,
	struct buf *why);

#endif
