/* logs: what attempts wrote: found, cut to its end, followed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "io.h"
#include "logs.h"
#include "num.h"
#include "watch.h"

enum { CHUNK = 64 << 10 };

/* is it TASK.N? then N, else 0 */
static unsigned
attempt_of(const char *file, const char *task)
{
	size_t n = strlen(task);
	int64_t attempt;

	if (strncmp(file, task, n) != 0 || file[n] != '.' ||
	    num_parse(file + n + 1, 1, 1000000000, &attempt) < 0)
		return 0;
	return (unsigned)attempt;
}

/* the last attempt that has a log; 0: none */
static unsigned
last_attempt(const struct names *files, const char *task)
{
	unsigned last = 0, n;

	for (size_t i = 0; i < files->n; i++)
		if ((n = attempt_of(files->name[i], task)) > last)
			last = n;
	return last;
}

static unsigned
last_of(const struct run *r, const char *task)
{
	struct names files = {0};
	unsigned last;

	names_list(r->fd, "log", &files);
	last = last_attempt(&files, task);
	names_free(&files);
	return last;
}

static int
open_log(const struct run *r, const char *task, unsigned attempt)
{
	char path[FILE_LEN];

	snprintf(path, sizeof path, "log/%s.%u", task, attempt);
	return io_open_file(r->fd, path, O_RDONLY, 0);
}

/* a search through an archive: the log is copied, to be read at leisure */
struct search {
	const char *task;
	unsigned want, found;
	FILE *copy;
};

static int
copy_member(const struct tar_member *m, FILE *to)
{
	char chunk[16384];
	ssize_t n;

	rewind(to);
	if (ftruncate(fileno(to), 0) < 0)
		return -1;
	while ((n = tar_read(m, chunk, sizeof chunk)) > 0)
		if (write_all(fileno(to), chunk, (size_t)n) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

static int
search(const struct tar_member *m, void *arg)
{
	struct search *s = arg;
	unsigned n;

	if (strncmp(m->name, "log/", 4) != 0)
		return 0;
	n = attempt_of(m->name + 4, s->task);
	if (n == 0 || (s->want ? n != s->want : n <= s->found))
		return 0;
	s->found = n;
	return copy_member(m, s->copy);
}

static int
open_archived(struct spool *sp, const struct id *id, unsigned *attempt,
    struct buf *why)
{
	struct search s = { .task = id->task, .want = *attempt };
	int fd = -1, e;

	s.copy = tmpfile();
	if (!s.copy)
		return -1;
	if (archive_each(sp, id->dag, id->run, search, &s, why) == 0) {
		errno = ENOENT;
		if (s.found)
			fd = fcntl(fileno(s.copy), F_DUPFD_CLOEXEC, 3);
		if (fd >= 0)
			lseek(fd, 0, SEEK_SET);
		*attempt = s.found;
	}
	e = errno;
	fclose(s.copy);
	errno = e;
	return fd;
}

int
logs_open_in(const struct run *r, const struct names *files, const char *task,
    unsigned *attempt)
{
	if (*attempt == 0)
		*attempt = last_attempt(files, task);
	errno = ENOENT;
	return *attempt ? open_log(r, task, *attempt) : -1;
}

int
logs_open(struct spool *sp, const struct id *id, unsigned *attempt,
    struct buf *why)
{
	struct run r;
	int fd = -1, e;

	if (run_open(sp, id->dag, id->run, &r) < 0)
		return errno == ENOENT ? open_archived(sp, id, attempt, why) :
		    -1;
	if (*attempt == 0)
		*attempt = last_of(&r, id->task);
	errno = ENOENT;
	if (*attempt)
		fd = open_log(&r, id->task, *attempt);
	e = errno;
	run_close(&r);
	errno = e;
	return fd;
}

int
logs_tail(int fd, unsigned long n)
{
	char chunk[CHUNK];
	off_t end = lseek(fd, 0, SEEK_END), at = end, from;
	unsigned long lines = 0;
	ssize_t got;

	if (end < 0)
		return -1;
	while (at > 0 && n > 0) {
		from = at > CHUNK ? at - CHUNK : 0;
		got = pread(fd, chunk, (size_t)(at - from), from);
		if (got < 0)
			return -1;
		while (got-- > 0)
			/* the last line's own newline does not count */
			if (chunk[got] == '\n' && from + got + 1 < end &&
			    ++lines == n)
				return lseek(fd, from + got + 1, SEEK_SET) < 0 ?
				    -1 : 0;
		at = from;
	}
	return lseek(fd, n > 0 ? 0 : end, SEEK_SET) < 0 ? -1 : 0;
}

/* gives out what has come; 1 something had, 0, -1 */
static int
drain(int fd, int (*put)(const char *, size_t))
{
	char chunk[CHUNK];
	ssize_t n;
	int some = 0;

	if (fd < 0)
		return 0;
	while ((n = read(fd, chunk, sizeof chunk)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || put(chunk, (size_t)n) < 0)
			return -1;
		some = 1;
	}
	return some;
}

struct follow {
	struct run *run;
	const struct id *id;
	int fd;
	unsigned attempt;
	bool only;
	int (*put)(const char *, size_t);
};

/* has what is followed ended? asked before the last look at the log */
static bool
over(const struct follow *f)
{
	struct instance in = task_state(f->run, f->id->task);

	if (in.state == STATE_NONE || state_ended(in.state))
		return true;
	return f->only && !(in.state == STATE_RUNNING &&
	    in.attempt == f->attempt);
}

/* all there is now; 1 the end, 0, -1 */
static int
catch_up(struct follow *f)
{
	unsigned next;
	bool end;

	for (;;) {
		end = over(f);
		if (drain(f->fd, f->put) < 0)
			return -1;
		next = f->only ? f->attempt : last_of(f->run,
		    f->id->task);
		if (next <= f->attempt)
			return end;
		if (f->fd >= 0)
			close(f->fd);
		f->attempt = next;
		f->fd = open_log(f->run, f->id->task, next);
	}
}

static int
follow(struct follow *f)
{
	struct watch_event ev;
	struct watch w;
	int x = -1, e, more = 0;

	if (watch_open(&w) < 0)
		return -1;
	if (watch_add(&w, f->run->fd, "", WATCH_ARRIVE | WATCH_LEAVE |
	    WATCH_SELF) < 0)
		goto out;
	do {
		/* log/ may not be there yet: its arrival wakes us */
		if (watch_add(&w, f->run->fd, "log", WATCH_ARRIVE |
		    WATCH_WRITE) < 0 && errno != ENOENT)
			goto out;
		x = catch_up(f);
		if (x == 0)
			more = watch_wait(&w, f->run->spool->shared ?
			    WATCH_SHARED : -1);
		while (x == 0 && more > 0 && (more = watch_next(&w, &ev)) > 0)
			;
	} while (x == 0 && more >= 0);
out:
	e = errno;
	watch_close(&w);
	errno = e;
	return x > 0 ? 0 : -1;
}

int
logs_follow(struct spool *sp, const struct id *id, int fd, unsigned attempt,
    bool only, int (*put)(const char *, size_t))
{
	struct run r;
	struct follow f = { &r, id, fd, attempt, only, put };
	int x, e;

	if (run_open(sp, id->dag, id->run, &r) < 0) {
		/* archived: what is in the log is all there will be */
		x = drain(fd, put);
		if (fd >= 0)
			close(fd);
		return x < 0 ? -1 : 0;
	}
	x = follow(&f);
	e = errno;
	if (f.fd >= 0)
		close(f.fd);
	run_close(&r);
	errno = e;
	return x;
}
