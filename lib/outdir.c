/* outdir: files/TASK in a run: whole files that a task leaves. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "outdir.h"
#include "tree.h"

bool
outdir_wanted(const struct plan *p, uint32_t task)
{
	return memmem(p->task[task].line, p->task[task].len, "DAG_OUTDIR",
	    10) != NULL;
}

static int
open_files(const struct run *r)
{
	return io_open(r->fd, "files", O_RDONLY | O_DIRECTORY, 0);
}

void
outdir_name(char name[FILE_LEN], const struct spool *sp, const char *task,
    unsigned attempt)
{
	if (sp->shared && sp->batch)
		snprintf(name, FILE_LEN, "%s.%u", task, attempt);
	else
		memcpy(name, task, strlen(task) + 1);
}

int
outdir_make(const struct run *r, const char *task, unsigned attempt)
{
	char name[FILE_LEN];
	int fd, x, e;

	if (mkdirat(r->fd, "files", 0700) < 0 && errno != EEXIST)
		return -1;
	fd = open_files(r);
	if (fd < 0)
		return -1;
	outdir_name(name, r->spool, task, attempt);
	/* what an attempt before this one has left is not this one's */
	x = tree_remove(fd, task);
	if (x == 0 && strcmp(name, task) != 0)
		x = tree_remove(fd, name);
	if (x == 0)
		x = mkdirat(fd, name, 0700);
	e = errno;
	close(fd);
	errno = e;
	return x;
}

int
outdir_sync(const struct run *r, const char *task)
{
	int files = open_files(r), dir, fd, x = 0, e;
	struct names in;

	if (files < 0)
		return errno == ENOENT ? 0 : -1;
	dir = io_open(files, task, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0 || names_list(dir, ".", &in) < 0) {
		e = errno;
		if (dir >= 0)
			close(dir);
		close(files);
		errno = e;
		return run_damaged(errno) ? 0 : -1;
	}
	for (size_t i = 0; i < in.n && x == 0; i++) {
		fd = io_open_file(dir, in.name[i], O_RDONLY, 0);
		if (fd < 0)
			continue;	/* a link, say: nor is it kept */
		x = spool_sync(r->spool, fd);
		close(fd);
	}
	names_free(&in);
	if (x == 0)
		x = spool_sync(r->spool, dir);
	if (x == 0)
		x = spool_sync(r->spool, files);
	e = errno;
	close(dir);
	close(files);
	errno = e;
	return x;
}
