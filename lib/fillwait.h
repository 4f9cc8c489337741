/* fillwait: the waiting runs of a backfill: held, let go, taken back. */
#ifndef FILLWAIT_H
#define FILLWAIT_H

#include "backfills.h"

/*
 * Does with the runs of a part that wait for a place what its state asks for:
 * paused, they are held; active, they wait for their turn; cancelled, they are
 * taken away, and history has their slots as missed. Those that are active go
 * on. 0, or -1 and errno: the same call goes on where it ended.
 */
int fillwait(struct spool *, const struct backfills_part *);

#endif
