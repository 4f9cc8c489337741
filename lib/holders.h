/* holders: the processes of an attempt: found by the marker they inherit. */
#ifndef HOLDERS_H
#define HOLDERS_H

#include <limits.h>

#include "cgroup.h"
#include "marker.h"
#include "spool.h"

enum { HOLDERS_ENV = 3 };

/*
 * What tells them: that they have the marker open, are in its session, or have
 * an environment that says so. The first outlives setsid(2), the last a daemon
 * that has closed all it inherited. Where an attempt has a control group that
 * is all of it, whatever it has done.
 */
struct holders {
	struct spool *spool;
	dev_t dev;
	ino_t ino;
	pid_t sid;		/* 0: not known to be its own any more */
	char cgroup[CGROUP_LEN];	/* "": none */
	char env[HOLDERS_ENV][PATH_MAX + 16];
	bool away;		/* the spool may not answer: it is not asked */
};

/* the processes of an attempt, whose marker is open in fd; sum, what it says,
 * or NULL: the session is not looked for. -1 and errno */
int holders_of(struct holders *, const struct run *, const char *task,
	unsigned attempt, int fd, const struct marker_sum *sum);
/*
 * Sends sig to each of them, but not to ourselves nor to those in workers/
 * (supervisors have markers open too). Each is opened as a pidfd and looked at
 * again before the signal. How many got it; -1: /proc cannot be read.
 */
int holders_signal(const struct holders *, int sig);
/* kills them until there is none; -1 and errno: ETIMEDOUT there still is */
int holders_end(const struct holders *);

#endif
