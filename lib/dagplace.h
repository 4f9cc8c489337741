/* dagplace: where a definition says something, found again. */
#ifndef DAGPLACE_H
#define DAGPLACE_H

#include "buf.h"

/*
 * Appends "FILE:LINE:COLUMN: ", where a definition says of a task the word
 * that begins with name (up to a ":") in a list: in its own section, else in
 * that of its group, else in [default]. Nothing, if it is not there any more,
 * or the file is a program.
 */
void dagplace_put(struct buf *, const char *file, const char *task,
	const char *key, const char *name);

#endif
