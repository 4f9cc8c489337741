/* resource: what of the machine an attempt may have. */
#ifndef RESOURCE_H
#define RESOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan.h"

struct resource {
	bool any;		/* is there anything to apply? */
	int nice;		/* what is added, to ours; 0 */
	int64_t memory;		/* bytes that each process may map; 0: any */
	int64_t cpu;		/* seconds of it, of each process; 0: any */
	int64_t files;		/* descriptors; 0: as we */
};

/* what a task asks for */
void resource_of(struct resource *, const struct plan *, uint32_t task);
/* in the child, between vfork and exec: system calls only; -1 and errno */
int resource_apply(const struct resource *);
/*
 * For want of what has a process ended so, which was started at since
 * (CLOCK_MONOTONIC)? "cpu-time"; "memory", if the kernel's log, as far as we
 * may read it, says that it killed it for that; NULL: nothing is known.
 */
const char *resource_reason(const struct resource *, int status, pid_t,
	int64_t since);

#endif
