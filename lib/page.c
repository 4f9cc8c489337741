/* page: files of a site: each whole or not at all, written if it changed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names.h"
#include "page.h"

enum { BEGIN_MAX = 128 };

int
page_open(struct page_dir *d, const char *path)
{
	*d = (struct page_dir){ .fd = -1 };
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return -1;
	d->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return d->fd < 0 ? -1 : 0;
}

void
page_close(struct page_dir *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

int
page_mkdir(struct page_dir *d, const char *path)
{
	if (mkdirat(d->fd, path, 0777) == 0 || errno == EEXIST)
		return 0;
	d->error = errno;
	return -1;
}

static int
open_page(const struct page_dir *d, const char *path)
{
	return openat(d->fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC);
}

bool
page_is(const struct page_dir *d, const char *path, const struct buf *b)
{
	struct buf old = BUF_INIT;
	struct stat st;
	int fd = open_page(d, path);
	bool yes;

	if (fd < 0)
		return false;
	yes = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size == (off_t)b->n && buf_read(&old, fd, b->n) == 0 &&
	    old.n == b->n && (b->n == 0 || memcmp(old.p, b->p, b->n) == 0);
	close(fd);
	buf_free(&old);
	return yes;
}

static int
stamp_it(struct page_dir *d, const char *path, const struct timespec *stamp)
{
	const struct timespec both[2] = {{ .tv_nsec = UTIME_OMIT },
	    stamp ? *stamp : (struct timespec){0}};

	return stamp ? utimensat(d->fd, path, both, AT_SYMLINK_NOFOLLOW) : 0;
}

static int
put(struct page_dir *d, const char *path, const struct buf *b,
    const struct timespec *stamp)
{
	char tmp[2 * NAME_MAX];
	int fd, e;

	if (b->err) {
		errno = b->err;
		return -1;
	}
	if (page_is(d, path, b)) {
		d->same++;
		return stamp_it(d, path, stamp);
	}
	snprintf(tmp, sizeof tmp, "%.*s.dagstat.%ld",
	    (int)(strrchr(path, '/') ? strrchr(path, '/') + 1 - path : 0), path,
	    (long)getpid());
	fd = openat(d->fd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0666);
	if (fd < 0)
		return -1;
	e = write_all(fd, b->p, b->n) < 0 ? errno : 0;
	if (close(fd) < 0 && e == 0)
		e = errno;
	if (e == 0 && stamp_it(d, tmp, stamp) == 0 &&
	    renameat(d->fd, tmp, d->fd, path) == 0) {
		d->written++;
		return 1;
	}
	e = e ? e : errno;
	unlinkat(d->fd, tmp, 0);
	errno = e;
	return -1;
}

int
page_put(struct page_dir *d, const char *path, const struct buf *b,
    const struct timespec *stamp)
{
	int x = put(d, path, b, stamp);

	if (x < 0)
		d->error = errno;
	return x;
}

bool
page_fresh(const struct page_dir *d, const char *path,
    const struct timespec *stamp)
{
	struct stat st;

	return fstatat(d->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && st.st_mtim.tv_sec == stamp->tv_sec &&
	    st.st_mtim.tv_nsec == stamp->tv_nsec;
}

bool
page_begins(const struct page_dir *d, const char *path, const char *text)
{
	char begin[BEGIN_MAX];
	size_t n = strlen(text);
	int fd = open_page(d, path);
	bool yes;

	if (fd < 0)
		return false;
	yes = n <= sizeof begin && pread(fd, begin, n, 0) == (ssize_t)n &&
	    memcmp(begin, text, n) == 0;
	close(fd);
	return yes;
}

void
page_remove(struct page_dir *d, const char *dir, const char *name)
{
	char path[3 * NAME_MAX];
	struct names inner;
	size_t n;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	if (names_list(d->fd, path, &inner) == 0) {
		for (size_t i = 0; i < inner.n; i++) {
			n = strlen(inner.name[i]);
			snprintf(path, sizeof path, "%s/%s/%s", dir, name,
			    inner.name[i]);
			if (n > 5 && strcmp(inner.name[i] + n - 5,
			    ".html") == 0)
				unlinkat(d->fd, path, 0);
		}
		names_free(&inner);
		snprintf(path, sizeof path, "%s/%s", dir, name);
		unlinkat(d->fd, path, AT_REMOVEDIR);
	}
	snprintf(path, sizeof path, "%s/%s.html", dir, name);
	unlinkat(d->fd, path, 0);
}
