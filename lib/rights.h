/* rights: who else can read or write what is in a spool. */
#ifndef RIGHTS_H
#define RIGHTS_H

#include <sys/stat.h>

#include "spool.h"

/* who gets into a directory of a spool */
struct rights {
	uid_t owner;		/* whose all has to be */
	mode_t open;		/* read and write bits of those who get in */
};

/* of the spool's own directory: 0, or -1 and errno */
int rights_begin(struct rights *, const struct spool *);
/* the same of a directory in one that *in is of */
struct rights rights_in(const struct rights *in, const struct stat *dir);
/* what is wrong with something in it, in words: a constant; or NULL */
const char *rights_fault(const struct rights *, const struct stat *);
/* takes them away, and makes it the owner's; gone is fine. 0, -1 and errno */
int rights_mend(const struct rights *, int dir, const char *name);

#endif
