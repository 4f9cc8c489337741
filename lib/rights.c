/* rights: who else can read or write what is in a spool. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "io.h"
#include "rights.h"

static mode_t
classes(mode_t dir)
{
	return (dir & S_IXGRP ? 060 : 0) | (dir & S_IXOTH ? 06 : 0);
}

int
rights_begin(struct rights *r, const struct spool *sp)
{
	struct stat st;

	if (fstat(sp->fd, &st) < 0)
		return -1;
	*r = (struct rights){st.st_uid, classes(st.st_mode)};
	return 0;
}

struct rights
rights_in(const struct rights *in, const struct stat *dir)
{
	return (struct rights){in->owner, in->open & classes(dir->st_mode)};
}

const char *
rights_fault(const struct rights *r, const struct stat *st)
{
	if (st->st_uid != r->owner)
		return "it belongs to another user";
	return st->st_mode & r->open ? "others can read it, or write it" :
	    NULL;
}

int
rights_mend(const struct rights *r, int dir, const char *name)
{
	int fd = io_open(dir, name, O_RDONLY | O_NONBLOCK, 0), x = -1, e;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	/* its owner first: who is not root is refused here. What has another
	 * name may be somebody else's, linked to here */
	if (fstat(fd, &st) == 0) {
		errno = EPERM;
		if (st.st_uid == r->owner || ((S_ISDIR(st.st_mode) ||
		    st.st_nlink == 1) && fchown(fd, r->owner, (gid_t)-1) == 0))
			x = fchmod(fd, st.st_mode & 0700);
	}
	e = errno;
	close(fd);
	errno = e;
	return x;
}
