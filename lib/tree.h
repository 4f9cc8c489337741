/* tree: taking away what was built in tmp/, and what dead builders left. */
#ifndef TREE_H
#define TREE_H

#include "spool.h"

/* removes a file, or a directory with what is in it and in its directories
 * (a run is no deeper); never follows a link. -1 and errno */
int tree_remove(int dirfd, const char *name);
/* moves a directory of a directory of the spool into tmp/, which is where it
 * ceases to be, and removes it; -1 and errno */
int tree_drop(struct spool *, int dirfd, const char *name);
/* removes from tmp/ whatever bears the number of a process that is not at
 * work here: KIND.PID or KIND.PID.N; of another machine's what is a day old */
int tree_clean(struct spool *);

#endif
