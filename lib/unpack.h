/* unpack: members of an archive become files of a run again. */
#ifndef UNPACK_H
#define UNPACK_H

#include "tar.h"

/* where the last part of a path begins that a run may have, NAME, log/NAME
 * (out/, map/) or files/TASK/NAME; else SIZE_MAX */
size_t unpack_base(const char *path);
/*
 * Writes a member as the file path, which must be one of these, and new,
 * beneath the directory top; with the member's mtime. -1 and errno: EBADMSG
 * and why: its path is none that a run has, or is there.
 */
int unpack_member(int top, const struct tar_member *, const char *path,
	struct buf *why);

#endif
