/* solo: tasks that an engine has started us for: each by a supervisor. */
#ifndef SOLO_H
#define SOLO_H

#include "settle.h"
#include "supervisor.h"

enum { SOLO_SLOTS = 256 };

struct solo {
	struct spool *spool;
	unsigned nslot;
	/* the next task's marker in queue/, false: there is none */
	bool (*next)(char file[FILE_LEN], void *);
	void (*trouble)(const char *what, const char *why, void *);
	/* a task that ran, or could not be had: NULL */
	void (*ran)(const char *file, const char *how, void *);
	void *arg;
	/* what came of it */
	unsigned failed, others;	/* those that somebody else has */
	bool lost;		/* one has not been recorded */
	char full[NAME_LEN + 1];	/* a pool that one waited for in vain */
	/* inside */
	struct solo_slot {
		pid_t pid;
		int sock;
		bool busy;
		unsigned looks;		/* at what was locked, or had no room */
		char file[FILE_LEN];
	} slot[SOLO_SLOTS];
	struct settle settle;
	int sigfd;
	bool stopped;
};

/*
 * Runs them, a supervisor each at a time, and what follows from each is
 * released when it has ended. SIGTERM: no more is begun. 0, or -1 and errno.
 */
int solo_run(struct solo *);

#endif
