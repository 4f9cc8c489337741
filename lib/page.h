/* page: files of a site: each whole or not at all, written if it changed. */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "buf.h"

struct page_dir {
	int fd;
	size_t written, same;	/* how many were, or were as they are */
	int error;		/* the errno of the last that was not */
};

/* opens the directory, made if need be; -1 and errno */
int page_open(struct page_dir *, const char *path);
void page_close(struct page_dir *);
/* makes a directory in it; -1 and errno */
int page_mkdir(struct page_dir *, const char *path);
/* writes a file, aside and renamed into its place, unless it is there and the
 * same; stamp, unless NULL, becomes its mtime. 1 written, 0 same, -1, errno */
int page_put(struct page_dir *, const char *path, const struct buf *,
	const struct timespec *stamp);
/* is it there, with this text? */
bool page_is(const struct page_dir *, const char *path, const struct buf *);
/* is it there, with that mtime? */
bool page_fresh(const struct page_dir *, const char *path,
	const struct timespec *stamp);
/* does it begin with this text? */
bool page_begins(const struct page_dir *, const char *path, const char *);
/* takes DIR/NAME.html away, and the pages in the directory DIR/NAME */
void page_remove(struct page_dir *, const char *dir, const char *name);

#endif
