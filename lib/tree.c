/* tree: taking away what was built in tmp/, and what dead builders left. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "tree.h"
#include "worker.h"
#include "who.h"

/* directories in a run, one in another: files/TASK */
enum { LEVELS = 2 };

/* removes one name; 1: it is a directory that is not empty */
static int
remove_one(int dirfd, const char *name)
{
	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return errno == ENOTEMPTY || errno == EEXIST ? 1 : -1;
}

/* removes all that is in a directory but directories that are not empty */
static int
empty(int dirfd, int levels)
{
	struct names in;
	int x = 0, fd;

	if (names_list(dirfd, ".", &in) < 0)
		return -1;
	for (size_t i = 0; i < in.n && x >= 0; i++) {
		x = remove_one(dirfd, in.name[i]);
		if (x != 1 || levels == 0)
			continue;
		fd = io_open(dirfd, in.name[i], O_RDONLY | O_DIRECTORY, 0);
		/* so many levels down and no further */
		x = fd < 0 ? -1 : empty(fd, levels - 1);
		if (fd >= 0)
			close(fd);
		if (x >= 0)
			x = unlinkat(dirfd, in.name[i], AT_REMOVEDIR);
	}
	names_free(&in);
	return x < 0 ? -1 : 0;
}

int
tree_remove(int dirfd, const char *name)
{
	int fd, x = remove_one(dirfd, name);

	if (x <= 0)
		return x;
	fd = io_open(dirfd, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return -1;
	x = empty(fd, LEVELS);
	close(fd);
	return x < 0 ? -1 : unlinkat(dirfd, name, AT_REMOVEDIR);
}

int
tree_drop(struct spool *sp, int dirfd, const char *name)
{
	char gone[64];

	snprintf(gone, sizeof gone, "drop.%s", who_self());
	if (io_place(dirfd, name, sp->tmp, gone) < 0)
		return -1;
	return tree_remove(sp->tmp, gone);
}

/* is it of a process of this machine, "KIND.PID"? its number; 0: it is not, or
 * of one of another machine that is at work, as far as can be told here */
static long
maker_of(struct spool *sp, const char *name)
{
	const char *dot = strchr(name, '.'), *end;
	bool here;
	long pid = dot ? who_parse(dot + 1, &end, &here) : 0;

	return !pid || here ? pid :
	    worker_abandoned(sp->tmp, name) ? LONG_MAX : 0;
}

int
tree_clean(struct spool *sp)
{
	struct worker *alive;
	struct names in;
	size_t n;
	long pid;

	/* first the names, then who lives: who comes later is not met */
	if (names_list(sp->fd, "tmp", &in) < 0)
		return -1;
	if (worker_list(sp, &alive, &n) < 0) {
		names_free(&in);
		return -1;
	}
	for (size_t i = 0; i < in.n; i++) {
		pid = maker_of(sp, in.name[i]);
		for (size_t k = 0; k < n; k++)
			if (alive[k].pid == pid)
				pid = 0;
		if (pid > 0 && pid != (long)getpid())
			tree_remove(sp->tmp, in.name[i]);
	}
	free(alive);
	names_free(&in);
	return 0;
}
