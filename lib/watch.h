/* watch: being told that a directory or file has changed: inotify(7). */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stddef.h>

/* Events are hints: watch, then scan, then sleep; scan again at each doubt. */

enum {
	WATCH_ARRIVE = 1,	/* a name came: made, linked or renamed here */
	WATCH_LEAVE = 2,	/* a name went */
	WATCH_WRITE = 4,	/* a file grew or was cut */
	WATCH_ATTRIB = 8,	/* an mtime or mode was set */
	WATCH_SELF = 16,	/* the watched thing itself went */
	WATCH_LOST = 32,	/* the wd is watched no more */
	WATCH_OVERFLOW = 64,	/* events were lost: scan all */
	WATCH_WHOLE = 128,	/* a file was written and closed */
	WATCH_PLACED = 256,	/* a name came by a rename */
	WATCH_ADD = 512,	/* for watch_add: its mask is added to */
	/* ms until to look again at what another machine may change, of which
	 * nothing is told */
	WATCH_SHARED = 2000,
};

struct watch {
	int fd;			/* for poll(2): readable when events wait */
	size_t at, n;		/* of buf: not yet handed out */
	union {
		char c[4096];
		long align;
	} buf;
};

struct watch_event {
	int wd;			/* -1 with WATCH_OVERFLOW */
	unsigned mask;		/* one or more of the above */
	const char *name;	/* in the directory, "" if it is itself;
				 * lives until the next call */
};

/* 0, or -1 and errno (EMFILE: the user has too many) */
int watch_open(struct watch *);
void watch_close(struct watch *);
/*
 * Watches path beneath dirfd ("" or NULL: what dirfd is), no link followed,
 * whatever becomes of its name; mask of the above. The same inode twice has
 * the same wd, its mask replaced. The wd, or -1 and errno (ENOSPC: the user
 * watches too many).
 */
int watch_add(struct watch *, int dirfd, const char *path, unsigned mask);
void watch_remove(struct watch *, int wd);
/* the next event, without waiting: 1; 0 there is none; -1 and errno */
int watch_next(struct watch *, struct watch_event *);
/* waits until an event comes or ms have passed (-1: for ever), a signal is
 * handled (0 then) : 1 readable, 0 not, -1 and errno */
int watch_wait(struct watch *, int ms);

#endif
