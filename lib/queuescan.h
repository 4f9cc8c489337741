/* queuescan: what an executor sees of the spool: queue/ and its changes. */
#ifndef QUEUESCAN_H
#define QUEUESCAN_H

#include "exec.h"

/* adds a marker of queue/ to the ready ones, if it may run: not before
 * not_before (0: as its mtime says). What cannot run is told, or left */
void queue_add(struct executor *, const char *file, int64_t not_before);
/* is a DAG paused? what it has ready is left alone then, but for a run that is
 * all that this executor is about */
bool queue_paused(struct executor *, const char *dag);
/* a marker is damaged: it is left alone, until all are tried again */
void queue_refuse(struct executor *, const char *file);
void queue_forgive(struct executor *);
/* lists queue/ and adds what is there; -1 and errno */
int queue_scan(struct executor *);
/*
 * Something could not be done: it is told. A full disk and its like pass: all
 * is looked at again, later and later. What cannot be read or written (EIO)
 * may have been lost when it was to be synced: nothing can be promised any
 * more, and the executor ends.
 */
void queue_error(struct executor *, const char *what, int error);
/* that look, alone */
void queue_again(struct executor *, int error);
/* watches the spool's directories, also those that are new; -1 and errno */
int queue_watch(struct executor *);
/* deals with the events that have come */
void queue_events(struct executor *);

#endif
