/* outbox: what is to be told, a file each, until it has been. */
#ifndef OUTBOX_H
#define OUTBOX_H

#include "rec.h"
#include "spool.h"

/*
 * outbox/DAG@RUN.TASK.N.EVENT, or DAG@RUN.@EVENT of a run, is one record
 * (dagrec(5), notice) and its mtime, as of a marker in queue/, says when it
 * is to be delivered. What could not be is in undelivered/; to try that again
 * it is moved back.
 */

enum { OUTBOX_TRIES = 12, OUTBOX_MAX = 1 << 20 };

/* puts one there, or in the place of one of that name; synced. -1, errno */
int outbox_put(struct spool *, const char *file, const struct buf *record);
/* reads one, in outbox or undelivered; b is for its text. 0, -1 and errno,
 * EINVAL: damaged */
int outbox_read(struct spool *, const char *in, const char *file,
	struct buf *b, struct rec *);
/* it has been delivered, or was not to be */
int outbox_remove(struct spool *, const char *file);
/* it was in vain: to be tried again at an instant, or (0) never */
int outbox_again(struct spool *, const char *file, const struct buf *record,
	int64_t at);
/* not yet: looked at again at that instant */
int outbox_later(struct spool *, const char *file, int64_t at);
/* is it the name of one? the run's DAG and name */
bool outbox_name(const char *file, char dag[NAME_LEN + 1],
	char run[RUN_LEN + 1]);
/* how many there are, and when the first is due (0: none); -1, errno */
int outbox_count(struct spool *, size_t *waiting, size_t *undelivered,
	int64_t *due);

#endif
