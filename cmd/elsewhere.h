/* elsewhere: an archived run, again, in a spool of its own. */
#ifndef ELSEWHERE_H
#define ELSEWHERE_H

#include "foreground.h"

/* what was said on the command line; NULL: nothing */
struct elsewhere {
	const char *run;	/* an ID, or the path of an archive */
	const char *spool;	/* where an ID is looked up */
	const char *into;	/* the new spool */
	const char *workdir;
};

/* makes the run in a new spool, which is left open in f->spool, ready for
 * foreground_run; dies of what is wrong, and has then changed nothing */
void elsewhere_make(const struct elsewhere *, struct foreground *f);

#endif
