/* dagfile: compiles a DAG file into records. */
#ifndef DAGFILE_H
#define DAGFILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "buf.h"

/*
 * Compiles a file, see dag(5): appends its dag record and its task records
 * to out. What is wrong with it is appended to errs as error records, and
 * nothing to out. 0; 1: there are errors; -1 and errno: the system failed.
 */
int dagfile_compile(const char *path, struct buf *out, struct buf *errs);

/* a file as it was when it was read */
struct dagfile_mark {
	struct stat st;
	uint64_t sum;		/* of its content; 0: it is a program */
};

/* the same, and in mark, if that is not NULL, what was read */
int dagfile_read(const char *path, struct dagfile_mark *mark, struct buf *out,
	struct buf *errs);
/*
 * Puts the next error record of errs, from *at on (0 at first), into message
 * as "file:line:col: text", terminated, and moves *at. Records of other
 * kinds are passed over. 1; 0: there are no more; -1 and errno ENOMEM.
 */
int dagfile_error(const struct buf *errs, size_t *at, struct buf *message);

#endif
