/* holders: the processes of an attempt: found by the marker they inherit. */
#ifndef HOLDERS_H
#define HOLDERS_H

#include "marker.h"
#include "spool.h"

/*
 * Sends sig to every process that has the file (dev, ino) open, and to every
 * process in session sid (0: none), but not to ourselves nor to those in
 * spare (n of them: supervisors have markers open too). Each is opened as a
 * pidfd and looked at again before the signal. How many got it; -1: /proc
 * cannot be read.
 */
int holders_signal(dev_t dev, ino_t ino, pid_t sid, int sig,
	const long *spare, size_t n);
/*
 * The session of a task's attempt, as its marker has it, if a process lives
 * there whose environment says it is of this task; else 0: the number may
 * have been given away since, or be made up.
 */
pid_t holders_session(const struct run *, const char *task,
	const struct marker_sum *);

#endif
