/* lease: how long a task elsewhere may be silent before it is given up. */
#ifndef LEASE_H
#define LEASE_H

#include "marker.h"
#include "spool.h"

/*
 * On a shared spool an attempt with a lease says in a file of its batch that
 * it lives: beat.h. Who looks believes no clock but its own: it adds up how
 * long it has seen no change, of the time between two looks a quarter of the
 * lease at most, since it may have been away itself. dagspool(5).
 */

enum { LEASE_PATH = 2 * FILE_LEN };

enum lease {
	LEASE_NONE,		/* it has none */
	LEASE_HELD,		/* it may run yet */
	LEASE_OVER,		/* it does not run any more */
};

/* what is known of such attempts: of one process */
struct leases;

struct leases *leases_new(void);
/* seconds that attempts of a task have, 0: they have no lease */
int64_t lease_of(const struct run *, uint32_t task);
/* the file where it says that it lives, beneath the spool; batch: BATCH/... */
void lease_path(char [LEASE_PATH], const struct run *, const char *task,
	const char *batch);
/* the file in the run that says who has ended an attempt, of a sensor a look:
 * fence.h. before: what the marker adds up to */
void lease_fate(char [FILE_LEN], const char *task, unsigned attempt,
	const struct marker_sum *before);
/* looks at an attempt, with what its marker adds up to; who has no leases in
 * its spool only sees what has said itself that it has ended */
enum lease lease_look(struct run *, uint32_t task, unsigned attempt,
	const struct marker_sum *);

#endif
