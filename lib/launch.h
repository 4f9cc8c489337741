/* launch: engines: what they have is settled, what is ready is given them. */
#ifndef LAUNCH_H
#define LAUNCH_H

#include "launchgive.h"

/*
 * One look at all batches, with launch/ locked: what was submitted and not
 * noted is found, engines that are due are asked, once each; lost attempts of
 * theirs are recovered; batches whose tasks are over are taken away. Then what
 * is ready for engines and in no batch is put into new ones, and submitted.
 * 0; -1 and errno.
 */
int launch_step(struct spool *, struct launch_step *);

#endif
