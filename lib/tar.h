/* tar: compressed tar files, written and read as streams: libarchive(3). */
#ifndef TAR_H
#define TAR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct buf;
struct tar_out;
struct tar_in;

enum { TAR_MEMBERS = 1000000 };		/* at most */
#define TAR_BYTES ((int64_t)4 << 30)	/* unpacked, at most */

/* the checksum of nothing, to give to tar_sum; and of n more bytes */
#define TAR_SUM_INIT 0xcbf29ce484222325ull
uint64_t tar_sum(uint64_t sum, const void *, size_t n);

/* begins a file in fd (which stays the caller's); NULL and errno */
struct tar_out *tar_create(int fd);
/* adds what is in the regular file fd, of which st was taken, and its
 * checksum in *sum; -1 and errno: ESTALE it became shorter meanwhile, E2BIG
 * too much for one file */
int tar_add(struct tar_out *, const char *name, int fd, const struct stat *st,
	uint64_t *sum);
/* writes the end and frees; -1 and errno (frees all the same) */
int tar_finish(struct tar_out *);

struct tar_member {
	const char *name;
	int64_t size, mtime;	/* mtime in seconds */
	struct tar_in *in;
};

/*
 * Calls f with each member of the file in fd, in order. Refused: absolute
 * names, "..", what is not a regular file, more than TAR_MEMBERS or
 * TAR_BYTES. f returns nonzero to stop: then that is returned. 0 at the end;
 * -1 and errno, why says more: EBADMSG it is damaged or refused.
 */
int tar_each(int fd, int (*f)(const struct tar_member *, void *), void *,
	struct buf *why);
/* the next bytes of a member, while f runs; 0 at its end, -1 and errno */
ssize_t tar_read(const struct tar_member *, void *, size_t);

#endif
