/* parts: which names may be where in a spool, and what is in them. */
#ifndef PARTS_H
#define PARTS_H

#include <stdbool.h>

#include "rights.h"

/* what a fault leaves to be done once the name is set aside */
enum parts_mend {
	MEND_NOTHING,
	MEND_DIRECTORY,		/* an empty directory in its place */
	MEND_FILE,		/* an empty file */
	MEND_KNOWN,		/* what of dags/DAG can be read, written anew */
	MEND_SLOT,		/* a line in the history: its slot is decided */
	MEND_RIGHTS,		/* it is not set aside: rights_mend */
};

/* a name that is not as dagspool(5) says */
struct parts_fault {
	int dir;		/* the directory it is in, open */
	const char *in;		/* that one's path in the spool, "" itself */
	const char *name;
	const char *what;	/* is wrong, in words: a constant */
	enum parts_mend mend;
	const struct rights *rights;	/* of what is in that directory */
};

/*
 * Looks at all parts of a spool but what is in queue/ and runs/, which belongs
 * to runs, and in bad/, where all may be. Nothing is locked: what others put
 * there, or take away, meanwhile is no fault. found is called for each; what
 * it returns, if not 0, ends the look, and is returned. -1 and errno.
 */
int parts_look(struct spool *, int (*found)(const struct parts_fault *,
	void *), void *);
/* the same for what is in the directories of a run that is locked, whose rights
 * these are; ended: none of its tasks is at work there, so that what they write
 * is looked at, too */
int parts_look_run(struct run *, const struct rights *, bool ended,
	int (*found)(const struct parts_fault *, void *), void *);

#endif
