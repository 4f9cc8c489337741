/* beat: an attempt elsewhere says that it lives, and ends when it cannot. */
#ifndef BEAT_H
#define BEAT_H

#include "lease.h"

/*
 * Of an attempt on a shared spool. A process writes its heartbeat, if it has a
 * lease, lease.h, and looks whether the attempt was given up, or somebody asks
 * in its marker that it be killed; it may hang in that. Its parent does not
 * touch the spool, nor does the supervisor while it waits for the task: either
 * of the two kills what runs when two thirds of the lease have passed since the
 * last heartbeat that came through, or when it was given up; the parent also
 * when the supervisor dies.
 */
struct beat;

/* before a task is started: the first heartbeat, and who goes on; fd: its
 * marker, and what that added up to. *beat is NULL where none is needed. 0; -1
 * and errno EAGAIN: nothing is begun */
int beat_begin(struct beat **, struct run *, uint32_t task, unsigned attempt,
	int fd, const struct marker_sum *before);
/* it has been started */
void beat_process(struct beat *, pid_t);
/* how often, ms, beat_late is to be asked; and has it been silent for too
 * long? then what runs of it has been killed */
int beat_every(const struct beat *);
bool beat_late(struct beat *);
/* is it to be killed? said once, and then it has had its signal */
bool beat_asked(struct beat *);
/* kills what is left of it */
void beat_sweep(struct beat *);
/* its process has ended, and is about to be reaped; was it late? */
bool beat_stop(struct beat *);
/* frees it (or NULL); said: that it is over is to be said, to who would wait */
void beat_end(struct beat *, bool said);

#endif
