/* dagcache: what DAG programs printed, until they change. */
#ifndef DAGCACHE_H
#define DAGCACHE_H

#include <sys/stat.h>

#include "buf.h"

/*
 * The cache is ${XDG_CACHE_HOME:-~/.cache}/dag: a file for each path. It is
 * never needed: every fault is as if nothing were in it.
 */

/* appends what is kept for path as it is in st; 0, or -1: nothing is */
int dagcache_get(const char *path, const struct stat *, struct buf *out);
/* keeps n bytes for path as it is in st, instead of what was kept for it */
void dagcache_put(const char *path, const struct stat *, const char *text,
	size_t n);

/* a file of the cache that is of no one DAG: all of it; 0, or -1 */
int dagcache_read(const char *name, struct buf *out);
/* replaces it; a fault is as if it had never been there */
void dagcache_write(const char *name, const struct buf *);

#endif
