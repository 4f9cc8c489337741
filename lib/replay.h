/* replay: an archived run, made again elsewhere from its archive alone. */
#ifndef REPLAY_H
#define REPLAY_H

#include "rec.h"
#include "spool.h"

/* what an archive says of its run */
struct replay {
	char dag[NAME_LEN + 1], name[RUN_LEN + 1];
	struct plan plan;
	struct rec rec;		/* how it came to be */
	struct buf plantext, record;
};

/*
 * Reads the archive in fd, to its end, as a stream: plan and record are kept.
 * -1 and errno; why in words: EBADMSG it is damaged, or no archive of a run.
 * replay_free, also if it failed.
 */
int replay_read(struct replay *, int fd, struct buf *why);
/* The record is to say another directory, absolute, for tasks to work in:
 * also for those that had one of their own within. -1 and errno */
int replay_move(struct replay *, const char *dir);
/*
 * Makes the run, named and with parameters as it was, in a spool that has
 * none of its DAG, and the pools that it needs, each as large as one task of
 * it wants. -1 and errno, EINVAL and why.
 */
int replay_make(struct replay *, struct spool *, struct buf *why);
void replay_free(struct replay *);

#endif
