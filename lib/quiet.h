/* quiet: DAG files of which nothing is due for a while: a cache. */
#ifndef QUIET_H
#define QUIET_H

#include "buf.h"
#include "dagfile.h"
#include "known.h"
#include "spool.h"

/*
 * What is kept of a file: as it was, and as what the spool has of its DAG was,
 * when nothing was due; and until when that is so. It is one file for each
 * spool, in the cache of dagcache.h, and never needed.
 */
struct quiet {
	struct spool *spool;
	int64_t now;
	char name[40];		/* of its file */
	struct buf text;	/* as it was read: strings */
	char **line;		/* of it, sorted */
	size_t n, kept;
	struct buf next;	/* as it will be written */
	bool changed;
	struct known_there there;
};

/* reads what is kept for this spool */
void quiet_open(struct quiet *, struct spool *, int64_t now);
/* is nothing due now of the DAG in that file? then that is kept on */
bool quiet_is(struct quiet *, const char *path);
/* keeps that nothing is due before wake of the DAG in a file that was read as
 * the mark has it */
void quiet_add(struct quiet *, const char *path, const struct dagfile_mark *,
	int64_t wake);
/* writes what is new, if anything is, and frees */
void quiet_close(struct quiet *);

#endif
