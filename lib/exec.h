/* exec: hands ready tasks to supervisors, until told to stop. */
#ifndef EXEC_H
#define EXEC_H

#include "ender.h"
#include "gatewatch.h"
#include "launching.h"
#include "nameset.h"
#include "peers.h"
#include "post.h"
#include "ready.h"
#include "settle.h"
#include "supervisor.h"
#include "watch.h"

enum { SLOTS_MAX = 1024, DEATH_LOOKS = 3 };

/* what comes after a task: settle_first */
struct downs {
	int n;			/* NOT_LOOKED: at first */
	struct ready_task first;
};

enum { NOT_LOOKED = -2 };

struct offered {
	struct ready_task task;
	struct downs downs;
	bool came;		/* to queue/, since it was offered */
};

/* one of our supervisors */
struct slot {
	pid_t pid;
	int sock;
	bool busy;		/* has an order */
	char file[FILE_LEN];	/* the task it has, "" if none */
	unsigned group;
	unsigned long freed;	/* pools given back, when it got the task */
	struct downs downs;	/* of that */
	struct ahead *ahead;	/* what is offered: that many tasks, */
	struct offered next[AHEAD];	/* in turn as there */
	bool expects;		/* one of a run that has come */
	bool looked;		/* for what follows from the last of these */
	bool fast;		/* it needs more than one ahead */
	int64_t since;		/* when it began the task it has, ms */
};

enum { STRAYS = 10 };	/* markers without a run that are told, each */

struct executor {
	struct spool *spool;
	/* what to do, set by the caller */
	unsigned nslot;
	bool drain;		/* leave when nothing more can run */
	const char *only_dag, *only_run;	/* run nothing else, or NULL */
	bool only_family;	/* but the runs that are made for its tasks */
	/* told of each task that ran, once that is on disk; of what went
	 * wrong; of other events */
	void (*ran)(const char *file, enum state, void *);
	void (*trouble)(const char *what, const char *why, void *);
	void (*event)(const struct watch_event *, void *);
	/* called when there is nothing to do, though not too often; returns
	 * when it is to be called at the latest, or 0 */
	int64_t (*tidy)(void *);
	void *arg;
	int follow;		/* a run whose log/ is watched too, or 0 */
	int *follow_wd;		/* for event: by what descriptor */
	/* what came of it */
	unsigned failed;	/* tasks that failed for good */
	bool stopped;		/* by TERM or INT; signal says which */
	int signal;
	/* inside */
	struct slot slot[SLOTS_MAX];
	struct nameset handed;	/* what these have, and are offered */
	bool started;		/* its supervisors have been */
	struct ready ready;
	struct settle settle;	/* tasks that ended, not dealt with */
	int64_t settle_by;	/* when at the latest, ms, CLOCK_MONOTONIC */
	struct watch watch;
	struct peers peers;
	struct post post;
	struct ender ender;
	struct launching launching;	/* what engines are to start */
	int wd_outbox, wd_queue, wd_runs, wd_dags, wd_workers, wd_pools;
	struct watched {
		int wd;
		char name[NAME_LEN + 1];
		bool pool;	/* else a DAG in runs/ */
	} *dirs;
	size_t ndirs;
	int wd_gates;
	struct gatewatch gates;	/* runs that wait for other runs */
	struct run last;	/* the run whose marker was looked at last */
	bool last_backfill;	/* is it one of a backfill? */
	struct paused {
		char dag[NAME_LEN + 1];
		bool is;
	} *paused;
	size_t npaused;
	bool repaused;		/* others may be paused now */
	char came[FILE_LEN];	/* a run that has come: its first, or "" */
	uint64_t *dated;	/* runs whose deadlines are known, by inode */
	size_t ndated;
	struct nameset bad;	/* markers that were refused: not tried again */
	uint64_t stray[STRAYS + 1];	/* that had no run, and were told: */
	unsigned strays;		/* hashes of their names */
	int sigfd, timerfd;
	int64_t armed;		/* what the timer is set to */
	unsigned long freed;	/* times that a pool had slots given back */
	int64_t tidy_at;	/* what it said */
	int64_t tidy_again;	/* not before that */
	bool untidy;		/* something has run since */
	int64_t again_at;	/* all is looked at again, 0: not */
	unsigned again_in;	/* seconds, doubled from time to time */
	unsigned looks;		/* after a death: left, a second apart */
	int error;		/* what it ends with, an errno */
	bool doubt, rescan;
};

/* starts its supervisors: first of all, while the process is small; with drain
 * and an empty queue/ not before one is needed. -1 errno */
int executor_start(struct executor *, struct spool *);
/* runs what there is to run; 0 it was drained or stopped, -1 and errno */
int executor_run(struct executor *);
/* lets go of its supervisors: what runs, goes on */
void executor_end(struct executor *);

#endif
