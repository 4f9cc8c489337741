/* arrived: the files there are that the schedule of a DAG is about. */
#ifndef ARRIVED_H
#define ARRIVED_H

#include <stddef.h>

#include "arrival.h"
#include "buf.h"
#include "spool.h"

struct rec;

struct arrived_file {
	char *path;
	int64_t time;		/* when it was written, */
	int64_t size;
	int64_t changed;	/* and when anything of it changed: its ctime */
	char key[ARRIVAL_KEY];
	bool whole;		/* it is complete */
	int64_t at;		/* else when it may be; INT64_MAX: who knows */
	const char *flag;	/* else what its name lacks, or NULL */
};

struct arrived {
	struct arrived_file *file;	/* by time, then path */
	size_t n, cap;
	char (*run)[ARRIVAL_KEY];	/* those that have a run, sorted */
	size_t nrun, caprun;
	struct arrival *rule;
	size_t nrule;
	struct buf dirs;	/* lines: where files would come */
};

/*
 * Finds the files that a DAG's schedules name, relative to where its tasks
 * are, dir, and those in the spool (NULL: there is none) that had a run or
 * were passed over. 0; 1 and in why what is wrong; -1 and errno. arrived_free
 * in any case.
 */
int arrived_load(struct arrived *, struct spool *, const struct rec *dag,
	const char *dir, int64_t now, struct buf *why);
void arrived_free(struct arrived *);
/* has this file, as it is now, been decided about? */
bool arrived_decided(const struct arrived *, const struct arrived_file *);

#endif
