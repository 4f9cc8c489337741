/* logs: what attempts wrote: found, cut to its end, followed. */
#ifndef LOGS_H
#define LOGS_H

#include <sys/types.h>

#include "ids.h"
#include "names.h"
#include "spool.h"

/*
 * Opens the log of an attempt of a task (0: the last that has one), to read,
 * of an archived run too; the attempt in *attempt. -1 and errno: ENOENT there
 * is none; why may say more.
 */
int logs_open(struct spool *, const struct id *, unsigned *attempt,
	struct buf *why);
/* the same of a run that is open, not archived; files: what is in its log/ */
int logs_open_in(const struct run *, const struct names *files,
	const char *task, unsigned *attempt);
/* sets fd so that reading gives the last n lines; -1, errno */
int logs_tail(int fd, unsigned long n);
/*
 * Follows a task's logs from what was read of fd (attempt's log, or -1 and 0:
 * it has none yet) until the task has ended: gives what comes to put, which
 * returns -1 to stop. only: ends with that attempt. Closes fd. 0, -1, errno.
 */
int logs_follow(struct spool *, const struct id *, int fd, unsigned attempt,
	bool only, int (*put)(const char *, size_t));

#endif
