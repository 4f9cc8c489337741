/* assets: assets/log, a line for each time that a task produced something. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assets.h"
#include "io.h"
#include "marker.h"
#include "num.h"
#include "words.h"

enum { MARKER_MAX = 64 << 20, CHUNK = 1 << 16 };

static const char path[] = "assets/log";

/* what a marker says of the success it is: has it been recorded, or since
 * which place in the log may it have been */
static bool
recorded(char *marker, int64_t *from)
{
	struct marker_line l;
	char n[24];
	bool done = false;

	*from = -1;
	while (marker_next(&marker, &l)) {
		if (strcmp(l.event, "start") == 0 ||
		    strcmp(l.event, "mark") == 0 ||
		    strcmp(l.event, "rerun") == 0 ||
		    strcmp(l.event, "retry") == 0) {
			done = false;
			*from = -1;
		} else if (strcmp(l.event, "produced") == 0) {
			done = true;
		} else if (strcmp(l.event, "produce") == 0 &&
		    (!marker_field(&l, "from", n, sizeof n) ||
		    num_parse(n, 0, INT64_MAX, from) < 0)) {
			*from = -1;
		}
	}
	return done;
}

/* opens the log, and locks it */
static int
open_log(struct spool *sp)
{
	int fd = io_open_file(sp->fd, path, O_RDWR | O_CREAT | O_APPEND, 0600);
	int e;

	/* a spool that was made before there were such */
	if (fd < 0 && errno == ENOENT && mkdirat(sp->fd, "assets", 0700) == 0)
		fd = io_open_file(sp->fd, path, O_RDWR | O_CREAT | O_APPEND,
		    0600);
	while (fd >= 0 && flock(fd, LOCK_EX) < 0)
		if (errno != EINTR) {
			e = errno;
			close(fd);
			errno = e;
			return -1;
		}
	return fd;
}

struct seek {
	const char *id;
	bool found;
};

static int
is_it(const struct rec *r, int64_t end, void *arg)
{
	struct seek *s = arg;
	const char *by = rec_get(r, "by");

	(void)end;
	s->found |= by && strcmp(by, s->id) == 0;
	return s->found;
}

/* a line for each name; behind one that was cut short a new one begins */
static int
append(struct spool *sp, int fd, int64_t size, const char *names,
    const char *id)
{
	char now[INSTANT_LEN], last = '\n', **word = words_split(names, NULL);
	struct buf b = BUF_INIT;
	int x = word ? 0 : -1, dir;

	if (x == 0 && size > 0 && pread(fd, &last, 1, size - 1) < 0)
		x = -1;
	if (last != '\n')
		buf_ch(&b, '\n');
	instant_format_ms(now, clock_now());
	for (size_t i = 0; word && word[i]; i++) {
		rec_begin(&b, "asset", word[i]);
		rec_put(&b, "time", now);
		rec_put(&b, "by", id);
		rec_end(&b);
	}
	if (x == 0 && b.err) {
		errno = b.err;
		x = -1;
	}
	/* where there are bytes the name is on disk */
	if (x == 0 && size == 0) {
		dir = io_open(sp->fd, "assets", O_RDONLY | O_DIRECTORY, 0);
		x = dir < 0 ? -1 : spool_sync(sp, dir);
		if (dir >= 0)
			close(dir);
	}
	if (x == 0)
		x = write_all(fd, b.p, b.n);
	if (x == 0)
		x = spool_sync(sp, fd);
	free(word);
	buf_free(&b);
	return x;
}

/* the log is locked; marker: of the task, open */
static int
record(struct run *r, int log, int marker, int64_t from, const char *names,
    const char *id)
{
	struct seek seek = {id, false};
	struct buf b = BUF_INIT;
	struct stat st;
	int x;

	if (fstat(log, &st) < 0)
		return -1;
	if (from >= 0 && assets_each(r->spool, from, is_it, &seek) < 0)
		return -1;
	if (from < 0) {
		rec_putf(&b, "from", "%lld", (long long)st.st_size);
		x = marker_event(marker, "produce", &b, NULL);
		buf_free(&b);
		if (x == 0)
			errno = ENOSPC;
		/* whoever finds the task later must know where to look */
		if (x <= 0 || spool_sync(r->spool, marker) < 0)
			return -1;
	}
	if (!seek.found && append(r->spool, log, st.st_size, names, id) < 0)
		return -1;
	return marker_event(marker, "produced", NULL, NULL) < 0 ? -1 : 0;
}

/* the marker's time says when it ended, and goes on to */
static int
with_marker(struct run *r, int fd, const char *names, const char *id)
{
	struct timespec times[2];
	struct buf text = BUF_INIT;
	struct stat st;
	int64_t from;
	int x = -1, log;
	bool done;

	if (fstat(fd, &st) < 0 || buf_read(&text, fd, MARKER_MAX) < 0)
		goto out;
	done = recorded(buf_cstr(&text), &from);
	x = 0;
	if (done)
		goto out;
	/* the success comes first */
	x = spool_sync(r->spool, r->fd);
	log = x < 0 ? -1 : open_log(r->spool);
	x = log < 0 ? -1 : record(r, log, fd, from, names, id);
	if (log >= 0)
		close(log);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	if (x == 0)
		x = futimens(fd, times);
out:
	buf_free(&text);
	return x;
}

int
assets_record(struct run *r, uint32_t task)
{
	static const struct instance success = {STATE_SUCCESS, 0};
	char name[TASK_LEN + 1], id[NAME_LEN + RUN_LEN + TASK_LEN + 3];
	struct buf b = BUF_INIT;
	const char *names = plan_get(r->plan, task, "produces", &b);
	int fd, x = 0, e;

	if (names) {
		plan_name(r->plan, task, name);
		snprintf(id, sizeof id, "%s/%s/%s", r->dag, r->name, name);
		fd = marker_open(r, name, success, O_RDWR | O_APPEND);
		x = fd < 0 ? errno == ENOENT ? 0 : -1 :
		    with_marker(r, fd, names, id);
		e = errno;
		if (fd >= 0)
			close(fd);
		errno = e;
	}
	e = errno;
	buf_free(&b);
	errno = e;
	return x;
}

int64_t
assets_size(struct spool *sp)
{
	struct stat st;

	if (io_stat(sp->fd, path, &st) < 0)
		return errno == ENOENT ? 0 : -1;
	return st.st_size;
}

int
assets_each(struct spool *sp, int64_t from,
    int (*f)(const struct rec *, int64_t, void *), void *arg)
{
	char chunk[CHUNK], *end;
	struct buf b = BUF_INIT;
	struct rec rec = {0};
	int fd = io_open_file(sp->fd, path, O_RDONLY, 0), r = 0, e;
	size_t at = 0;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	while (r == 0) {
		n = pread(fd, chunk, sizeof chunk, from + (int64_t)b.n);
		if (n <= 0) {
			r = n < 0 ? -1 : 0;
			break;
		}
		buf_add(&b, chunk, (size_t)n);
		for (; r == 0 && !b.err && (end = memchr(b.p + at, '\n',
		    b.n - at)); at = (size_t)(end - b.p) + 1)
			if (rec_parse(&rec, b.p + at, (size_t)(end - b.p) -
			    at) == REC_OK && strcmp(rec.kind, "asset") == 0)
				r = f(&rec, from + (end - b.p) + 1, arg);
		errno = b.err;
		if (b.err)
			r = -1;
		else if (r == 0) {
			from += (int64_t)at;
			memmove(b.p, b.p + at, b.n - at);
			b.n -= at;
			at = 0;
		}
	}
	e = errno;
	rec_free(&rec);
	buf_free(&b);
	close(fd);
	errno = e;
	return r;
}
