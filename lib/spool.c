/* spool: where state lives: its directories, and every move of a marker. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "io.h"
#include "names.h"
#include "spool.h"
#include "who.h"

#define TO(s) (1u << STATE_##s)
/* which moves there are: dagspool(5), The states */
static const unsigned moves[STATES] = {
	[STATE_WAITING] = TO(READY) | TO(RUNNING) | TO(HELD) | TO(SUCCESS) |
	    TO(FAILED) | TO(SKIPPED) | TO(UPSTREAM_FAILED),
	[STATE_HELD] = TO(WAITING) | TO(SUCCESS) | TO(FAILED) | TO(SKIPPED),
	[STATE_READY] = TO(RUNNING) | TO(HELD) | TO(WAITING) | TO(SUCCESS) |
	    TO(FAILED) | TO(SKIPPED),
	[STATE_RUNNING] = TO(READY) | TO(WAITING) | TO(HELD) | TO(SUCCESS) |
	    TO(FAILED) | TO(SKIPPED),
	[STATE_SUCCESS] = TO(WAITING) | TO(HELD) | TO(FAILED) | TO(SKIPPED),
	[STATE_FAILED] = TO(WAITING) | TO(HELD) | TO(SUCCESS) | TO(SKIPPED),
	[STATE_SKIPPED] = TO(WAITING) | TO(HELD) | TO(SUCCESS) | TO(FAILED),
	[STATE_UPSTREAM_FAILED] = TO(WAITING) | TO(HELD) | TO(SUCCESS) |
	    TO(FAILED) | TO(SKIPPED),
};

static const char *const spool_dirs[] = {
	"queue", "runs", "plans", "dags", "backfills", "pools", "history",
	"archive", "workers", "assets", "gates", "launch", "outbox",
	"undelivered", "bad", "tmp",
};
enum { DIRS = sizeof spool_dirs / sizeof *spool_dirs };

char *
spool_path(const char *path)
{
	const char *home;
	char *p = NULL;

	if (!path)
		path = getenv("DAG_SPOOL");
	if (path && *path)
		return strdup(path);
	if (geteuid() == 0)
		return strdup("/var/spool/dag");
	home = getenv("HOME");
	if (!home || !*home) {
		errno = ENOENT;
		return NULL;
	}
	return asprintf(&p, "%s/.local/state/dag", home) < 0 ? NULL : p;
}

const char *
spool_reason(int err)
{
	switch (err) {
	case EPERM:
		return "it is not ours, or others can write in it";
	case EREMOTE:
		return "it is on a network file system; locks and renames "
		    "are not to be trusted there";
	case ENOENT:
		return "there is no spool";
	case ENOTDIR:
		return "it, or one of its parts, is not a directory";
	case ENOTEMPTY:
		return "it is no spool, and not empty";
	case ELOOP:
		return "one of its parts is a symbolic link";
	default:
		return strerror(err);
	}
}

static bool
remote(int fd)
{
	static const unsigned long magic[] = {
		0x6969, 0xff534d42, 0xfe534d42, 0x517b, 0x01021997, 0xc36400,
		0x5346414f, 0x0bd00bd0, 0x65735546, 0x73757245, 0x6b414653,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < sizeof magic / sizeof magic[0]; i++)
		if (((unsigned long)fs.f_type & 0xffffffff) == magic[i])
			return true;
	return false;
}

/* mkdir -p: every missing directory of path, mode 0700 */
static int
make_path(const char *path)
{
	char *copy = strdup(path), *p;
	int r = 0;

	if (!copy)
		return -1;
	for (p = copy + 1; r == 0; p++) {
		if (*p && *p != '/')
			continue;
		char c = *p;

		*p = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			r = -1;
		*p = c;
		if (!c)
			break;
	}
	free(copy);
	return r;
}

bool
spool_has(const char *name)
{
	for (size_t i = 0; i < DIRS; i++)
		if (strcmp(name, spool_dirs[i]) == 0)
			return true;
	return strcmp(name, "lost+found") == 0;
}

/* a directory that lacks some of ours: new, or half made, or another's? */
static int
may_become(struct spool *sp)
{
	struct names there;
	int x = names_list(sp->fd, ".", &there);

	for (size_t i = 0; x == 0 && i < there.n; i++)
		if (!spool_has(there.name[i])) {
			errno = ENOTEMPTY;
			x = -1;
		}
	if (x == 0 || errno == ENOTEMPTY)
		names_free(&there);
	return x;
}

static int
make_dirs(struct spool *sp)
{
	for (size_t i = 0; i < DIRS; i++)
		if (mkdirat(sp->fd, spool_dirs[i], 0700) < 0 &&
		    errno != EEXIST)
			return -1;
	/* it, and the directories above it that are as new */
	return io_sync_all(sp->fd, &sp->broken);
}

static int
open_dirs(struct spool *sp)
{
	int flags = O_RDONLY | O_DIRECTORY;

	if (sp->queue < 0)
		sp->queue = io_open(sp->fd, "queue", flags, 0);
	if (sp->runs < 0)
		sp->runs = io_open(sp->fd, "runs", flags, 0);
	if (sp->tmp < 0)
		sp->tmp = io_open(sp->fd, "tmp", flags, 0);
	return sp->queue < 0 || sp->runs < 0 || sp->tmp < 0 ? -1 : 0;
}

int
spool_open(struct spool *sp, const char *path, enum spool_mode mode)
{
	char *wanted = spool_path(path);
	struct stat st;
	int e;

	*sp = (struct spool){.fd = -1, .queue = -1, .runs = -1, .tmp = -1,
	    .durable = true};
	if (!wanted)
		return -1;
	if (mode == SPOOL_WRITE && make_path(wanted) < 0)
		goto fail;
	sp->fd = open(wanted, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sp->fd < 0 || fstat(sp->fd, &st) < 0)
		goto fail;
	if (st.st_uid != geteuid() || (st.st_mode & 022)) {
		errno = EPERM;
		goto fail;
	}
	sp->shared = getenv("DAG_REMOTE") != NULL;
	if (sp->shared)
		who_share();
	if (!sp->shared && remote(sp->fd)) {
		errno = EREMOTE;
		goto fail;
	}
	sp->counts = st.st_nlink > 2;
	sp->path = realpath(wanted, NULL);
	if (!sp->path)
		goto fail;
	if (open_dirs(sp) < 0) {
		if (errno != ENOENT || may_become(sp) < 0)
			goto fail;
		if (mode == SPOOL_WRITE &&
		    (make_dirs(sp) < 0 || open_dirs(sp) < 0))
			goto fail;
	} else if (mode == SPOOL_WRITE && st.st_nlink > 1 &&
	    st.st_nlink < 2 + DIRS) {
		/* an older one, or a crash came while they were made; the
		 * links of a directory are counted where there are two */
		if (make_dirs(sp) < 0)
			goto fail;
	}
	free(wanted);
	return 0;
fail:
	e = errno;
	free(wanted);
	spool_close(sp);
	errno = e;
	return -1;
}

void
spool_close(struct spool *sp)
{
	int fds[] = {sp->fd, sp->queue, sp->runs, sp->tmp};

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	run_plans_free(sp);
	free(sp->path);
	*sp = (struct spool){.fd = -1, .queue = -1, .runs = -1, .tmp = -1};
}

int
task_move(const struct run *r, const char *task, struct instance from,
    struct instance to)
{
	char old[FILE_LEN], new[FILE_LEN];
	int olddir = marker_place(r, task, from, old);
	int newdir = marker_place(r, task, to, new);

	assert(from.state >= 0 && to.state >= 0 &&
	    (moves[from.state] & 1u << to.state));
	return io_place(olddir, old, newdir, new);
}

int
run_move(const struct run *r, enum run_state from, enum run_state to)
{
	char old[16], new[16];

	snprintf(old, sizeof old, "@%s", run_state_name(from));
	snprintf(new, sizeof new, "@%s", run_state_name(to));
	return io_place(r->fd, old, r->fd, new);
}

int
run_admit(int dirfd, const char *name)
{
	char old[RUN_LEN + 16], new[RUN_LEN + 16];

	snprintf(old, sizeof old, "%s/@waiting", name);
	snprintf(new, sizeof new, "%s/@active", name);
	return io_place(dirfd, old, dirfd, new);
}

int
marker_make(int dirfd, const char *file)
{
	static const struct timespec zero[2];

	if (mknodat(dirfd, file, S_IFREG | 0600, 0) < 0)
		return -1;
	return utimensat(dirfd, file, zero, 0);
}

int
marker_open(const struct run *r, const char *task, struct instance in,
    int flags)
{
	char file[FILE_LEN];
	int dir = marker_place(r, task, in, file);

	return io_open_file(dir, file, flags, 0);
}

int
marker_due(int fd, int64_t at)
{
	struct timespec ts[2] = {{.tv_sec = at}, {.tv_sec = at}};

	return futimens(fd, ts);
}

int
marker_mend(int fd)
{
	struct stat st;
	char part[4096], *nl;
	off_t end, from, step = 1;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -1;
	/* most often the last byte is all there is to see */
	for (end = st.st_size; end > 0;) {
		from = end > step ? end - step : 0;
		n = pread(fd, part, (size_t)(end - from), from);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		step = n < end - from ? 1 : (off_t)sizeof part;
		if (n < end - from)
			continue;
		nl = memrchr(part, '\n', (size_t)n);
		if (nl) {
			end = from + (nl - part) + 1;
			break;
		}
		end = from;
	}
	return end < st.st_size ? ftruncate(fd, end) : 0;
}

int
marker_event(int fd, const char *event, const struct buf *fields,
    const struct buf *extra)
{
	return marker_mend(fd) < 0 ? -1 : marker_add(fd, event, fields, extra);
}

int
marker_add(int fd, const char *event, const struct buf *fields,
    const struct buf *extra)
{
	struct buf b = BUF_INIT;
	char now[INSTANT_LEN];
	int r, e;

	instant_format_ms(now, clock_now());
	buf_str(&b, now);
	buf_ch(&b, '\t');
	buf_str(&b, event);
	if (fields)
		buf_add(&b, fields->p, fields->n);
	buf_ch(&b, '\n');
	if (extra)
		buf_add(&b, extra->p, extra->n);
	if (b.err || (fields && fields->err)) {
		buf_free(&b);
		errno = ENOMEM;
		return -1;
	}
	r = (int)b.n;
	if (write_all(fd, b.p, b.n) < 0) {
		e = errno;
		if (marker_mend(fd) < 0) {
			/* who comes next does it */
		}
		errno = e;
		r = e == ENOSPC || e == EDQUOT || e == EFBIG ? 0 : -1;
	}
	buf_free(&b);
	return r;
}

bool
spool_silly(const struct spool *sp, const char *name)
{
	return sp->shared && strncmp(name, ".nfs", 4) == 0;
}

int *
spool_durable(struct spool *sp)
{
	return sp->durable ? &sp->broken : NULL;
}

int
spool_sync(struct spool *sp, int fd)
{
	return io_sync(fd, spool_durable(sp));
}

int
spool_sync_all(struct spool *sp)
{
	return io_sync_all(sp->fd, spool_durable(sp));
}

int
run_lock(const struct run *r)
{
	int x;

	do
		x = flock(r->fd, LOCK_EX);
	while (x < 0 && errno == EINTR);
	return x;
}

void
run_unlock(const struct run *r)
{
	flock(r->fd, LOCK_UN);
}

int
dag_lock(struct spool *sp, const char *dag)
{
	int fd = io_open(sp->runs, dag, O_RDONLY | O_DIRECTORY, 0), r;

	if (fd < 0 && errno == ENOENT)
		fd = io_make_dir(sp->runs, ".", dag, spool_durable(sp));
	if (fd < 0)
		return -1;
	do
		r = flock(fd, LOCK_EX);
	while (r < 0 && errno == EINTR);
	if (r < 0) {
		close(fd);
		return -1;
	}
	return fd;
}
