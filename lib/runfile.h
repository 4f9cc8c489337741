/* runfile: the record in a run's file "run". */
#ifndef RUNFILE_H
#define RUNFILE_H

#include "rec.h"
#include "spool.h"

struct runfile {
	struct buf text;
	struct rec rec;		/* empty if that is not a record */
};

/* 0; 1: it is not a record; -1 and errno. runfile_free is to follow in any
 * case, until when the fields live; it leaves errno alone */
int runfile_read(struct runfile *, const struct run *);
/* the same of the run of that name */
int runfile_open(struct runfile *, struct spool *, const char *dag,
	const char *run);
void runfile_free(struct runfile *);

#endif
