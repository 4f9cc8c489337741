/* foreground: one run, made of a file and run before your eyes. */
#ifndef FOREGROUND_H
#define FOREGROUND_H

#include "exec.h"
#include "prog.h"

/* of a task: how much of the log of its last attempt has been shown */
struct foreground_log {
	char task[TASK_LEN + 1];
	unsigned attempt;	/* 0: none has begun */
	off_t shown;
	struct buf line;	/* begun, not yet ended */
};

struct foreground {
	struct spool *spool;
	struct executor *executor;
	char dag[NAME_LEN + 1], name[RUN_LEN + 1];
	struct run run;
	char *spool_words;	/* "--spool DIR ", to be said, or NULL */
	int wd;			/* of its log/ */
	size_t width;		/* of the longest name of a task */
	void *logs;		/* of struct foreground_log: tsearch(3) */
	int lost;		/* errno of the first write that failed */
	int unread;		/* errno of the first log that was not read */
};

/* makes a manual run of a DAG file, with NAME=VALUE parameters */
enum exit_code foreground_make(struct foreground *, const char *file,
	int argc, char **argv);
/* runs it to its end, printing what its tasks write behind their names */
enum exit_code foreground_run(struct foreground *);
/* a task has run, a log has grown: for the executor's hooks */
void foreground_ran(struct foreground *, const char *file, enum state);
void foreground_event(struct foreground *, const struct watch_event *);

#endif
