/* io: opening files beneath a directory, locking bytes, syncing. */
#ifndef IO_H
#define IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

struct buf;

/*
 * Opens path beneath dirfd: no "..", no absolute path, no symbolic link on
 * the way or at its end (openat2(2), RESOLVE_BENEATH and
 * RESOLVE_NO_SYMLINKS; ELOOP, EXDEV). O_CLOEXEC and O_NOCTTY are added.
 */
int io_open(int dirfd, const char *path, int flags, mode_t mode);
/* the same for a file that must be regular, with one link (else EFTYPE, here
 * EBADMSG): whatever else lies in its place is neither followed nor read */
int io_open_file(int dirfd, const char *path, int flags, mode_t mode);
/* the same, and what fstat says of it */
int io_open_stat(int dirfd, const char *path, int flags, mode_t mode,
	struct stat *);
/*
 * The system calls of these names, for a path whose directories are opened as
 * above, so that none of them is a link; its last name may be one, which is
 * what is looked at, or moved, and not followed.
 */
/* is a name there? 1, 0, or -1 and errno: it cannot be told */
int io_exists(int dirfd, const char *path);
int io_stat(int dirfd, const char *path, struct stat *);
int io_unlink(int dirfd, const char *path);
int io_touch(int dirfd, const char *path, const struct timespec [2]);
int io_link(int olddir, const char *old, int newdir, const char *new);
/* renames, over what is there */
int io_replace(int olddir, const char *old, int newdir, const char *new);
/* renames, where the new name must not be there (EEXIST); on a file system that
 * cannot do both at once (NFS) it is looked for first */
int io_place(int olddir, const char *old, int newdir, const char *new);
/* appends what is in the file beneath dirfd to b, at most max bytes; of what is
 * no file (EBADMSG, EISDIR) nothing */
int io_read(int dirfd, const char *path, struct buf *b, size_t max);
/* the same, of what has no NUL in it, or is nothing of ours: EBADMSG */
int io_read_text(int dirfd, const char *path, struct buf *b, size_t max);

/*
 * fsync(2), or syncfs(2); nothing else calls these. *broken is the errno of the
 * first that has failed, or 0: what was to be on disk may be gone although a
 * second one says otherwise, so all that come after fail at once, with the same
 * errno. broken may be NULL: nothing is to be synced.
 */
int io_sync(int fd, int *broken);
int io_sync_all(int fd, int *broken);
/* makes the directory in/name beneath dirfd, mode 0700, if it is not there,
 * and opens it, once its name is synced; neither part may be a link */
int io_make_dir(int dirfd, const char *in, const char *name, int *broken);
/* writes a file whole, aside and renamed into place (tmpfd: a directory on
 * the same file system); synced, and then its directory */
int io_write_file(int tmpfd, int dirfd, const char *name, const struct buf *,
	int *broken);

/*
 * Open-file-description locks on a byte of a file (fcntl(2)): held as long as
 * any copy of the descriptor is, across exec and rename.
 */
/* takes it without waiting; 0, -1: EAGAIN it is held by another */
int io_lock(int fd, off_t byte, bool shared);
/* waits for it */
int io_lock_wait(int fd, off_t byte, bool shared);
int io_unlock(int fd, off_t byte);
/* is it held by another? takes nothing; 1, 0, or -1 */
int io_locked(int fd, off_t byte);
/* is another byte than that, from 1 on? */
int io_locked_beside(int fd, off_t byte);

#endif
