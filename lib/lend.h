/* lend: what a task that runs as another user may write into, and what of it
 * becomes the run's. */
#ifndef LEND_H
#define LEND_H

#include "become.h"
#include "spool.h"

enum { LEND_PATH = 32 };

/*
 * The spool is not for other users. So $DAG_OUT and $DAG_OUTDIR are in a
 * directory in /tmp, which is the user's as long as the attempt, and whose
 * plain files are copied into the run at its end.
 */
struct lend {
	struct become who;
	gid_t *group;
	int ngroup;
	char dir[LEND_PATH];	/* "": there is none */
	int fd;			/* it, whatever its name comes to mean */
};

/* for a task with "user": finds him, makes the directory, which is ours yet,
 * and says in the marker which it is: how many bytes; -1, errno and why */
int lend_begin(struct lend *, const struct plan *, uint32_t task, int marker,
	struct buf *why);
/* gives him an open file, or the directory; -1 and errno */
int lend_file(const struct lend *, int fd);
int lend_give(const struct lend *);
/* between vfork and exec: becomes him, for good; system calls only */
int lend_become(const struct lend *);
/* adds what he has in his environment, NAME=VALUE\0; may he have that? */
void lend_environment(const struct lend *, struct buf *);
bool lend_passes(const char *variable);
/* copies what is in it into the run; -1 and errno */
int lend_take(const struct lend *, const struct run *, const char *task);
/* takes it away */
void lend_end(struct lend *);
/* the same of one whose supervisor has died, by its name */
void lend_lost(const char *dir);

#endif
