/* plankind: the kinds of keys that most tasks have none of. */
#ifndef PLANKIND_H
#define PLANKIND_H

#include <stddef.h>

/* as bits */
enum {
	PLAN_LIMITS = 1,	/* how long an attempt may take */
	PLAN_DEADLINES = 2,	/* when it has to begin, to end */
	PLAN_ON_FAILURE = 4,	/* of a DAG: what a failure does to the rest */
	PLAN_FUSE = 8,		/* and to the DAG */
	PLAN_RESOURCES = 16,	/* what of the machine it may have */
	PLAN_RULED = 32,	/* when */
	PLAN_GROUPED = 64,	/* group-retries */
	PLAN_MAPPED = 128,	/* each */
	PLAN_TEARDOWN = 256,
	PLAN_NOTIFY = 512,	/* who is told of its end */
	PLAN_PAST = 1024,	/* depends-on-past */
	PLAN_PIPELINE = 2048,	/* of a DAG */
	PLAN_OTHERS = 4096,	/* after, a task of another DAG */
	PLAN_TARGETS = 8192,	/* output, inputs */
	PLAN_SUB = 16384,	/* dag: it runs one */
	PLAN_USER = 32768,
	PLAN_NEEDS = 65536,	/* needs */
	PLAN_PRODUCES = 131072,	/* produces */
	PLAN_SENSOR = 262144,	/* poke */
	PLAN_LAUNCH = 524288,	/* it may be an engine that starts it */
	PLAN_GATED = PLAN_PAST | PLAN_PIPELINE | PLAN_OTHERS | PLAN_SUB |
	    PLAN_NEEDS,
	/* whose runs are looked at as a whole whenever a task ends */
	PLAN_WHOLE = PLAN_GATED | PLAN_PRODUCES,
};

/* the kind of the key of n bytes, or 0 */
unsigned plankind(const char *key, size_t n);

#endif
