/* dagpath: which DAG files are meant. */
#ifndef DAGPATH_H
#define DAGPATH_H

#include <stddef.h>

#include "buf.h"
#include "name.h"

/*
 * Finds the files for the arguments of a program: one with a '/' or ending
 * in ".dag" is a file or a directory (its *.dag), others are names looked up
 * in $DAG_PATH, else /etc/dag for root and ~/.config/dag; without arguments,
 * all *.dag of these. *paths is malloc'ed, for dagpath_free; the files need
 * not be good. 0; 1: some are not there, each with a line in why, and the
 * list has the others; -1 and errno.
 */
int dagpath_list(char *const *names, size_t n, char ***paths, size_t *count,
	struct buf *why);
/*
 * The directories in which these are looked for, and those of the files that
 * links among paths lead to: each once, malloc'ed, for dagpath_free; -1, errno
 */
int dagpath_dirs(char *const *names, size_t n, char *const *paths,
	size_t count, char ***dirs, size_t *ndirs);
void dagpath_free(char **paths, size_t count);
/* a DAG's name, from its file's: without ".dag"; 0, or -1: it is no name */
int dagpath_name(const char *path, char [NAME_LEN + 1]);
/* path behind the working directory, if it is not absolute; malloc'ed */
char *dagpath_absolute(const char *path);

#endif
