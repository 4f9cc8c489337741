/* beat: an attempt elsewhere says that it lives, and ends when it cannot. */
#ifndef BEAT_H
#define BEAT_H

#include "lease.h"

/*
 * The heartbeat of an attempt with a lease, lease.h. A process writes it, and
 * may hang in that; its parent does not touch the spool, nor does the
 * supervisor while it waits for the task: either of the two kills what runs
 * when two thirds of the lease have passed since the last heartbeat that came
 * through. The parent does so too when the supervisor dies, or the writer finds
 * that the attempt was given up.
 */
struct beat;

/* before a task is started: the first heartbeat, and who goes on; fd: its
 * marker, and what that added up to. *beat is NULL if the attempt has no lease.
 * 0; -1 and errno EAGAIN: nothing is begun */
int beat_begin(struct beat **, struct run *, uint32_t task, unsigned attempt,
	int fd, const struct marker_sum *before);
/* it has been started */
void beat_process(struct beat *, pid_t);
/* how often, ms, beat_late is to be asked; and has it been silent for too
 * long? then what runs of it has been killed */
int beat_every(const struct beat *);
bool beat_late(struct beat *);
/* its process has ended, and is about to be reaped; was it late? */
bool beat_stop(struct beat *);
/* frees it (or NULL); said: that it is over is to be said, to who would wait */
void beat_end(struct beat *, bool said);

#endif
