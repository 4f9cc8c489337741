/* deliver: carries out what is due in the outbox. */
#ifndef DELIVER_H
#define DELIVER_H

#include "spool.h"

enum { DELIVER_TIME = 60 };	/* seconds that a command has */

/*
 * Runs the commands of all notices that are due, one after the other: whoever
 * does it has outbox/ locked. One that exits with 0 is delivered; another is
 * tried again after 30 seconds, which double up to an hour, and after
 * OUTBOX_TRIES goes to undelivered/. 0, or -1 and errno.
 */
int deliver_due(struct spool *);

#endif
