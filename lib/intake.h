/* intake: records from a pipe become runs. */
#ifndef INTAKE_H
#define INTAKE_H

#include <stdbool.h>

#include "maker.h"
#include "rec.h"

struct intake {
	struct spool *spool;
	/* tells of each run made, and of what was wrong (bad: the records) */
	void (*made)(const char *dag, const char *run, void *);
	/* and, unless NULL, of each run that made room for another */
	void (*cancelled)(const char *dag, const char *run, void *);
	void (*fault)(unsigned long line, const char *text, void *);
	void *arg;
	bool bad;		/* something was wrong with the input */
	/* the definition being read, or in force */
	struct buf text;
	uint32_t wanted, got;
	char dag[NAME_LEN + 1];
	struct rec head;	/* its dag record */
	struct plan plan;
	bool whole, refused, making;
	struct maker maker;
	struct buf cancel;	/* lines "DAG RUN BY": runs to be ended */
	struct buf again;	/* lines "DAG INSTANT HOW" */
	struct buf backfill;	/* records of the backfill bname */
	struct buf going;	/* records of those that are there */
	char bname[NAME_LEN + 1];
	struct buf history;	/* missed slots of hdag */
	char hdag[NAME_LEN + 1];
	unsigned long line;	/* being looked at */
};

/*
 * Takes one record in: dag, task, run, missed; others pass by. What is wrong
 * with it is told, and it has no effect. -1 and errno: the system failed.
 */
int intake_record(struct intake *, const struct rec *, unsigned long line);
/*
 * No record comes for now: publishes what has come, and lets go of the locks;
 * the definition stays in force. -1 and errno.
 */
int intake_pause(struct intake *);
/* the records have ended: publishes what is left; -1 and errno */
int intake_end(struct intake *);

#endif
