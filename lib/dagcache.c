/* dagcache: what DAG programs printed, until they change. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dagcache.h"
#include "dagtext.h"
#include "rec.h"

/*
 * A file is a line that says of what it is, which version, its length and
 * sum (nothing is synced), and then the text. Its name is a hash of the path,
 * so a path has one file; two paths of one hash would only push each other out.
 */

static uint64_t
hash(const char *s, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3;
	return h;
}

static void
put_key(struct buf *b, const char *path, const struct stat *st,
    const char *text, size_t n)
{
	buf_fmt(b, "dagcache 1 dev=%ju inode=%ju size=%jd mtime=%jd.%09ld "
	    "ctime=%jd.%09ld bytes=%zu sum=%016jx path=", (uintmax_t)st->st_dev,
	    (uintmax_t)st->st_ino, (intmax_t)st->st_size,
	    (intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
	    (intmax_t)st->st_ctim.tv_sec, st->st_ctim.tv_nsec, n,
	    (uintmax_t)hash(text, n));
	rec_escape(b, path, strlen(path));
	buf_ch(b, '\n');
}

static void
file_name(char name[32], const char *path)
{
	snprintf(name, 32, "%016jx", (uintmax_t)hash(path, strlen(path)));
}

/* opens a directory that is ours, and that nobody else can write; or -1 */
static int
open_own(const char *path)
{
	struct stat st;
	int fd;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    (st.st_mode & 022) == 0)
		return fd;
	close(fd);
	return -1;
}

/* the cache's directory, made if wanted, or -1 */
static int
open_cache(bool make)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	struct buf path = BUF_INIT;
	int fd = -1;

	if (base && base[0] == '/') {
		buf_str(&path, base);
	} else if (home && home[0] == '/') {
		buf_str(&path, home);
		buf_str(&path, "/.cache");
	} else {
		return -1;
	}
	if (make && mkdir(buf_cstr(&path), 0700) < 0 && errno != EEXIST)
		make = false;
	buf_str(&path, "/dag");
	if (make && mkdir(buf_cstr(&path), 0700) < 0 && errno != EEXIST)
		make = false;
	if (!path.err)
		fd = open_own(buf_cstr(&path));
	buf_free(&path);
	return fd;
}

/* all of a file that is ours and nobody else can write; 0, or -1 */
static int
slurp(int dir, const char *name, struct buf *text)
{
	struct stat st;
	int fd, r = -1;

	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && (st.st_mode & 022) == 0)
		r = buf_read(text, fd, (size_t)DAGTEXT_MAX + 65536);
	close(fd);
	return r;
}

int
dagcache_get(const char *path, const struct stat *st, struct buf *out)
{
	struct buf text = BUF_INIT, key = BUF_INIT;
	size_t head;
	char name[32], *nl;
	int dir = open_cache(false), r = -1;

	if (dir < 0)
		return -1;
	file_name(name, path);
	if (slurp(dir, name, &text) == 0 && text.n > 0 &&
	    (nl = memchr(text.p, '\n', text.n))) {
		head = (size_t)(nl - text.p) + 1;
		put_key(&key, path, st, text.p + head, text.n - head);
		if (!key.err && key.n == head &&
		    memcmp(key.p, text.p, head) == 0) {
			buf_add(out, text.p + head, text.n - head);
			r = out->err ? -1 : 0;
		}
	}
	close(dir);
	buf_free(&key);
	buf_free(&text);
	return r;
}

/* writes a file of two parts aside, and puts it into its place */
static void
replace(int dir, const char *name, const struct buf *head, const char *text,
    size_t n)
{
	char tmp[64];
	bool good;
	int fd;

	snprintf(tmp, sizeof tmp, "tmp.%ld.%.32s", (long)getpid(), name);
	unlinkat(dir, tmp, 0);
	fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	good = !head->err && write_all(fd, head->p, head->n) == 0 &&
	    write_all(fd, text, n) == 0;
	good = close(fd) == 0 && good;
	if (!good || renameat(dir, tmp, dir, name) < 0)
		unlinkat(dir, tmp, 0);
}

void
dagcache_put(const char *path, const struct stat *st, const char *text,
    size_t n)
{
	struct buf key = BUF_INIT;
	char name[32];
	int dir = open_cache(true);

	if (dir < 0)
		return;
	file_name(name, path);
	put_key(&key, path, st, text, n);
	replace(dir, name, &key, text, n);
	close(dir);
	buf_free(&key);
}

int
dagcache_read(const char *name, struct buf *out)
{
	int dir = open_cache(false), r;

	if (dir < 0)
		return -1;
	r = slurp(dir, name, out);
	close(dir);
	return r;
}

void
dagcache_write(const char *name, const struct buf *text)
{
	int dir = open_cache(true);

	if (dir < 0)
		return;
	replace(dir, name, text, "", 0);
	close(dir);
}
