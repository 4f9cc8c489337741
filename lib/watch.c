/* watch: being told that a directory or file has changed: inotify(7). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "io.h"
#include "watch.h"

static const struct {
	unsigned ours;
	uint32_t theirs;
} bits[] = {
	{ WATCH_ARRIVE, IN_CREATE | IN_MOVED_TO },
	{ WATCH_LEAVE, IN_DELETE | IN_MOVED_FROM },
	{ WATCH_WRITE, IN_MODIFY },
	{ WATCH_ATTRIB, IN_ATTRIB },
	{ WATCH_SELF, IN_DELETE_SELF | IN_MOVE_SELF },
	{ WATCH_LOST, IN_IGNORED | IN_UNMOUNT },
	{ WATCH_OVERFLOW, IN_Q_OVERFLOW },
	{ WATCH_WHOLE, IN_CLOSE_WRITE },
	{ WATCH_PLACED, IN_MOVED_TO },
	{ WATCH_ADD, IN_MASK_ADD },
};

enum {
	NBITS = sizeof bits / sizeof bits[0],
	EVENT_MAX = sizeof(struct inotify_event) + NAME_MAX + 1,
};

int
watch_open(struct watch *w)
{
	w->at = w->n = 0;
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return w->fd < 0 ? -1 : 0;
}

void
watch_close(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

int
watch_add(struct watch *w, int dirfd, const char *path, unsigned mask)
{
	char self[40];
	uint32_t m = 0;
	int fd = dirfd, wd, e;

	for (size_t i = 0; i < NBITS; i++)
		if (mask & bits[i].ours & ~(WATCH_LOST | WATCH_OVERFLOW))
			m |= bits[i].theirs;
	if (path && *path) {
		fd = io_open(dirfd, path, O_RDONLY | O_NONBLOCK, 0);
		if (fd < 0)
			return -1;
	}
	/* a descriptor's own name: nobody can put a link in its place */
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	wd = inotify_add_watch(w->fd, self, m);
	e = errno;
	if (fd != dirfd)
		close(fd);
	errno = e;
	return wd;
}

void
watch_remove(struct watch *w, int wd)
{
	inotify_rm_watch(w->fd, wd);
}

int
watch_next(struct watch *w, struct watch_event *ev)
{
	const struct inotify_event *in;
	ssize_t n;

	if (w->at >= w->n) {
		/* the last read had room for more: there is none */
		bool all = w->n > 0 && w->n + EVENT_MAX <= sizeof w->buf.c;

		w->at = w->n = 0;
		if (all)
			return 0;
		do
			n = read(w->fd, w->buf.c, sizeof w->buf.c);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		w->n = (size_t)n;
		if (n == 0)
			return 0;
	}
	in = (const void *)(w->buf.c + w->at);
	w->at += sizeof *in + in->len;
	ev->wd = in->wd;
	ev->name = in->len ? in->name : "";
	ev->mask = 0;
	for (size_t i = 0; i < NBITS; i++)
		if (in->mask & bits[i].theirs)
			ev->mask |= bits[i].ours;
	return 1;
}

int
watch_wait(struct watch *w, int ms)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	int r;

	if (w->at < w->n)
		return 1;
	r = poll(&p, 1, ms);
	if (r < 0)
		return errno == EINTR ? 0 : -1;
	return r > 0;
}
