/* dagcompile: makes records of the text of a definition. */
#ifndef DAGCOMPILE_H
#define DAGCOMPILE_H

#include "buf.h"
#include "dagerr.h"

/*
 * Compiles text (which is changed), the definition of dag, that is in file
 * (an absolute path): appends the dag record and its tasks' to out; or adds
 * errors, and appends nothing. 0, or -1 and errno: the system failed.
 */
int dagcompile(const char *dag, const char *file, struct buf *text,
	struct buf *out, struct dagerr *);

#endif
