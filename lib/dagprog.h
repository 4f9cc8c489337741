/* dagprog: DAG files that are programs: what they print is the definition. */
#ifndef DAGPROG_H
#define DAGPROG_H

#include <stdbool.h>
#include <sys/stat.h>

#include "buf.h"

/* is the file a program: an execute bit, and "#!" at its beginning? */
bool dagprog_is(int fd, const struct stat *);
/*
 * What the program in path (absolute; fd is open on it) prints: from the
 * cache, else by running it. Appended to out. 0; 1: it may not be run, or
 * failed, and why says it; -1 and errno.
 */
int dagprog_read(const char *path, int fd, struct buf *out, struct buf *why);

#endif
