/* sharing: whether several machines can have a file system as their spool. */
#ifndef SHARING_H
#define SHARING_H

#include "spool.h"

/*
 * What dagspool(5) wants of a shared spool, as far as one machine can tell: how
 * it is mounted, and what its calls do, tried in tmp/. 0; 1 and what is wrong
 * with it; -1 and errno. *ahead: seconds that its server's clock is ahead of
 * ours.
 */
int sharing_check(struct spool *, struct buf *why, int64_t *ahead);
/* what is wrong with how the device MAJOR:MINOR is mounted, by the text of
 * mountinfo, proc(5); NULL: nothing is known to be */
const char *sharing_fault(const char *mountinfo, const char *device);

#endif
