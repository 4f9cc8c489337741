/* tar: compressed tar files, written and read as streams: libarchive(3). */
/* It does not look at the checksum of what it reads: zlib does. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "buf.h"
#include "larchive.h"
#include "tar.h"

static const struct larchive *la;

enum { CHUNK = 64 << 10, PADDING = 1 << 20 };

struct tar_out {
	struct archive *a;
	int fd;
	unsigned members;
	int64_t bytes;
};

struct tar_in {
	struct archive *a;
	gzFile gz;
	char chunk[CHUNK];
};

uint64_t
tar_sum(uint64_t sum, const void *data, size_t n)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ p[i]) * 0x100000001b3ull;
	return sum;
}

/* libarchive's errors: an errno, or a number of its own */
static int
fail(struct archive *a, int otherwise)
{
	int e = la->archive_errno(a);

	errno = e > 0 && e < 4096 && e != EINVAL ? e : otherwise;
	return -1;
}

static la_ssize_t
put_bytes(struct archive *a, void *arg, const void *data, size_t n)
{
	const struct tar_out *t = arg;

	if (write_all(t->fd, data, n) == 0)
		return (la_ssize_t)n;
	la->archive_set_error(a, errno, "write");
	return -1;
}

struct tar_out *
tar_create(int fd)
{
	struct tar_out *t;

	la = larchive_load();
	t = la ? calloc(1, sizeof *t) : NULL;
	if (!t)
		return NULL;
	t->fd = fd;
	t->a = la->archive_write_new();
	/* gnutar: names are bytes, of any length, whatever the locale */
	if (t->a && la->archive_write_add_filter_gzip(t->a) == ARCHIVE_OK &&
	    la->archive_write_set_filter_option(t->a, "gzip",
	    "compression-level", "1") == ARCHIVE_OK &&
	    la->archive_write_set_filter_option(t->a, "gzip", "timestamp",
	    NULL) == ARCHIVE_OK &&
	    la->archive_write_set_format_gnutar(t->a) == ARCHIVE_OK &&
	    la->archive_write_set_bytes_in_last_block(t->a, 1) == ARCHIVE_OK &&
	    la->archive_write_open(t->a, t, NULL, put_bytes, NULL) ==
	    ARCHIVE_OK)
		return t;
	la->archive_write_free(t->a);
	free(t);
	errno = ENOMEM;
	return NULL;
}

static int
put_header(struct tar_out *t, const char *name, const struct stat *st)
{
	struct archive_entry *e = la->archive_entry_new();
	int r;

	if (!e) {
		errno = ENOMEM;
		return -1;
	}
	la->archive_entry_set_pathname(e, name);
	la->archive_entry_set_filetype(e, AE_IFREG);
	la->archive_entry_set_perm(e, st->st_mode & 0777);
	la->archive_entry_set_size(e, st->st_size);
	la->archive_entry_set_mtime(e, st->st_mtim.tv_sec, 0);
	r = la->archive_write_header(t->a, e);
	la->archive_entry_free(e);
	/* a warning is about what we do not keep */
	return r < ARCHIVE_WARN ? fail(t->a, EIO) : 0;
}

int
tar_add(struct tar_out *t, const char *name, int fd, const struct stat *st,
    uint64_t *sum)
{
	char chunk[CHUNK];
	int64_t left = st->st_size;
	ssize_t n;

	t->bytes += left;
	if (++t->members > TAR_MEMBERS || t->bytes > TAR_BYTES) {
		errno = E2BIG;
		return -1;
	}
	if (put_header(t, name, st) < 0)
		return -1;
	*sum = TAR_SUM_INIT;
	while (left > 0) {
		n = read(fd, chunk, left < CHUNK ? (size_t)left : CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0) {
			errno = ESTALE;
			return -1;
		}
		*sum = tar_sum(*sum, chunk, (size_t)n);
		/* it returns bytes, not ARCHIVE_OK */
		if (la->archive_write_data(t->a, chunk, (size_t)n) != n)
			return fail(t->a, EIO);
		left -= n;
	}
	return 0;
}

int
tar_finish(struct tar_out *t)
{
	int r = la->archive_write_close(t->a), e;

	if (r < ARCHIVE_WARN)
		fail(t->a, EIO);
	e = errno;
	la->archive_write_free(t->a);
	free(t);
	errno = e;
	return r < ARCHIVE_WARN ? -1 : 0;
}

/* the next bytes of what was compressed; 0 at its end, if all of it is well */
static ssize_t
inflated(struct tar_in *in, const char **fault)
{
	int n = gzread(in->gz, in->chunk, sizeof in->chunk), e = Z_OK;

	if (n <= 0)
		gzerror(in->gz, &e);
	if (n < 0 || e != Z_OK) {
		*fault = e == Z_ERRNO ? strerror(errno) : e == Z_BUF_ERROR ?
		    "it is cut short" : "it is damaged";
		return -1;
	}
	if (n > 0 && gzdirect(in->gz)) {
		*fault = "it is not compressed by gzip";
		return -1;
	}
	return n;
}

static la_ssize_t
get_bytes(struct archive *a, void *arg, const void **data)
{
	struct tar_in *in = arg;
	const char *fault;
	ssize_t n = inflated(in, &fault);

	if (n < 0)
		la->archive_set_error(a, EBADMSG, "%s", fault);
	*data = in->chunk;
	return n;
}

/* a relative name of components that are neither empty, "." nor ".." */
static bool
name_safe(const char *s)
{
	size_t n;

	for (;; s += n + 1) {
		n = strcspn(s, "/");
		if (n == 0 || (n == 1 && s[0] == '.') ||
		    (n == 2 && s[0] == '.' && s[1] == '.'))
			return false;
		if (!s[n])
			return true;
	}
}

/* looks at a member's head; what is wrong with it, or NULL */
static const char *
refuse(struct archive_entry *e)
{
	const char *name = la->archive_entry_pathname(e);

	if (!name || !name_safe(name))
		return "a member has no name that is safe";
	if (la->archive_entry_hardlink(e) || la->archive_entry_symlink(e) ||
	    la->archive_entry_filetype(e) != AE_IFREG)
		return "a member is not a regular file";
	if (!la->archive_entry_size_is_set(e) || la->archive_entry_size(e) < 0)
		return "a member has no size";
	return NULL;
}

static int
damaged(struct buf *why, const char *text)
{
	buf_str(why, text ? text : "it is damaged");
	errno = EBADMSG;
	return -1;
}

static int
each(struct tar_in *in, int (*f)(const struct tar_member *, void *),
    void *arg, struct buf *why)
{
	struct tar_member m = { .in = in };
	struct archive_entry *e;
	const char *fault;
	unsigned members = 0;
	int64_t bytes = 0;
	int r;

	while ((r = la->archive_read_next_header(in->a, &e)) != ARCHIVE_EOF) {
		if (r < ARCHIVE_WARN)
			return damaged(why, la->archive_error_string(in->a));
		fault = refuse(e);
		if (fault)
			return damaged(why, fault);
		m.name = la->archive_entry_pathname(e);
		m.size = la->archive_entry_size(e);
		m.mtime = la->archive_entry_mtime(e);
		if (++members > TAR_MEMBERS || m.size > TAR_BYTES - bytes)
			return damaged(why, "it is too large");
		bytes += m.size;
		r = f(&m, arg);
		if (r != 0)
			return r;
	}
	return 0;
}

/* behind the last member there is padding: read, for the checksum's sake */
static int
finish(struct tar_in *in, struct buf *why)
{
	const char *fault = NULL;
	ssize_t n, left = PADDING;

	while ((n = inflated(in, &fault)) > 0 && (left -= n) > 0)
		;
	return n == 0 ? 0 : damaged(why, n < 0 ? fault :
	    "there is more in it than its members");
}

static int
open_in(struct tar_in *in, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	in->a = la->archive_read_new();
	in->gz = copy < 0 ? NULL : gzdopen(copy, "rb");
	if (in->gz && in->a)
		return gzbuffer(in->gz, CHUNK);
	if (!in->gz && copy >= 0)
		close(copy);
	errno = copy < 0 ? errno : ENOMEM;
	return -1;
}

int
tar_each(int fd, int (*f)(const struct tar_member *, void *), void *arg,
    struct buf *why)
{
	struct tar_in *in;
	int r = -1, e;

	la = larchive_load();
	in = la ? calloc(1, sizeof *in) : NULL;
	if (!in)
		return -1;
	if (open_in(in, fd) == 0) {
		if (la->archive_read_support_format_tar(in->a) != ARCHIVE_OK ||
		    la->archive_read_open(in->a, in, NULL, get_bytes, NULL) !=
		    ARCHIVE_OK)
			damaged(why, la->archive_error_string(in->a));
		else if ((r = each(in, f, arg, why)) == 0)
			r = finish(in, why);
		if (r < 0 && errno == EBADMSG && why->n == 0)
			damaged(why, la->archive_error_string(in->a));
	}
	e = errno;
	la->archive_read_free(in->a);
	if (in->gz)
		gzclose(in->gz);
	free(in);
	errno = e;
	return r;
}

ssize_t
tar_read(const struct tar_member *m, void *data, size_t n)
{
	la_ssize_t r = la->archive_read_data(m->in->a, data, n);

	return r < 0 ? fail(m->in->a, EBADMSG) : r;
}
