/* outbox: what is to be told, a file each, until it has been. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "outbox.h"

static int
open_dir(struct spool *sp, const char *dir)
{
	int fd = io_open(sp->fd, dir, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0 && errno == ENOENT)
		fd = io_make_dir(sp->fd, ".", dir, spool_durable(sp));
	return fd;
}

/* whole, and due at an instant, before it has its name */
static int
write_in(struct spool *sp, const char *in, const char *file,
    const struct buf *record, int64_t at)
{
	struct timespec ts[2] = {{.tv_sec = at}, {.tv_sec = at}};
	int dir = open_dir(sp, in), x, e;

	if (dir < 0)
		return -1;
	x = io_write_file(sp->tmp, dir, file, record, spool_durable(sp));
	if (x == 0)
		x = utimensat(dir, file, ts, AT_SYMLINK_NOFOLLOW);
	e = errno;
	close(dir);
	errno = e;
	return x;
}

int
outbox_put(struct spool *sp, const char *file, const struct buf *record)
{
	return write_in(sp, "outbox", file, record, 0);
}

int
outbox_read(struct spool *sp, const char *in, const char *file, struct buf *b,
    struct rec *r)
{
	char path[FILE_LEN + 16];

	snprintf(path, sizeof path, "%s/%.255s", in, file);
	buf_reset(b);
	if (io_read(sp->fd, path, b, OUTBOX_MAX) < 0)
		return -1;
	if (rec_parse(r, b->p, strcspn(buf_cstr(b), "\n")) == REC_OK &&
	    strcmp(r->kind, "notice") == 0)
		return 0;
	errno = EINVAL;
	return -1;
}

int
outbox_remove(struct spool *sp, const char *file)
{
	char path[FILE_LEN + 16];

	snprintf(path, sizeof path, "outbox/%s", file);
	return io_unlink(sp->fd, path) < 0 && errno != ENOENT ? -1 : 0;
}

int
outbox_again(struct spool *sp, const char *file, const struct buf *record,
    int64_t at)
{
	if (at > 0)
		return write_in(sp, "outbox", file, record, at);
	return write_in(sp, "undelivered", file, record, 0) < 0 ? -1 :
	    outbox_remove(sp, file);
}

int
outbox_later(struct spool *sp, const char *file, int64_t at)
{
	struct timespec ts[2] = {{.tv_sec = at}, {.tv_sec = at}};
	char path[FILE_LEN + 16];

	snprintf(path, sizeof path, "outbox/%s", file);
	return io_touch(sp->fd, path, ts) < 0 && errno != ENOENT ? -1 : 0;
}

bool
outbox_name(const char *file, char dag[NAME_LEN + 1], char run[RUN_LEN + 1])
{
	const char *at = strchr(file, '@'), *dot = at ? strchr(at, '.') : NULL;

	if (!dot || !name_ok(file, (size_t)(at - file)) ||
	    dot - at - 1 > RUN_LEN || dot[1] == '\0')
		return false;
	snprintf(dag, NAME_LEN + 1, "%.*s", (int)(at - file), file);
	snprintf(run, RUN_LEN + 1, "%.*s", (int)(dot - at - 1), at + 1);
	return run_name_parse(run, NULL, NULL, NULL) == 0;
}

static int
count(struct spool *sp, const char *dir, size_t *n, int64_t *due)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], path[FILE_LEN + 16];
	struct names in;
	struct stat st;
	int64_t at;

	*n = 0;
	if (names_list(sp->fd, dir, &in) < 0)
		return -1;
	for (size_t i = 0; i < in.n; i++) {
		if (!outbox_name(in.name[i], dag, run))
			continue;
		++*n;
		snprintf(path, sizeof path, "%s/%.255s", dir, in.name[i]);
		if (!due || io_stat(sp->fd, path, &st) < 0)
			continue;
		at = st.st_mtime > 0 ? st.st_mtime : 1;
		if (!*due || at < *due)
			*due = at;
	}
	names_free(&in);
	return 0;
}

int
outbox_count(struct spool *sp, size_t *waiting, size_t *undelivered,
    int64_t *due)
{
	*due = 0;
	return count(sp, "outbox", waiting, due) < 0 ||
	    count(sp, "undelivered", undelivered, NULL) < 0 ? -1 : 0;
}
