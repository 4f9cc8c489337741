/* queuescan: what an executor sees of the spool: queue/ and its changes. */
#ifndef QUEUESCAN_H
#define QUEUESCAN_H

#include "exec.h"

/* adds a marker of queue/ to the ready ones, if it may run: not before
 * not_before (0: as its mtime says). What cannot run is told, or left */
void queue_add(struct executor *, const char *file, int64_t not_before);
/* a marker is damaged: it is left alone, until all are tried again */
void queue_refuse(struct executor *, const char *file);
void queue_forgive(struct executor *);
/* lists queue/ and adds what is there; -1 and errno */
int queue_scan(struct executor *);
/* the system failed (at what: errno says how): it is told, and all is looked
 * at again in a second. queue_again: the same, it was told already */
void queue_failed(struct executor *, const char *what);
void queue_again(struct executor *, int err);
/* watches the spool's directories, also those that are new; -1 and errno */
int queue_watch(struct executor *);
/* deals with the events that have come */
void queue_events(struct executor *);

#endif
