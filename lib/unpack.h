/* unpack: members of an archive become files of a run again. */
#ifndef UNPACK_H
#define UNPACK_H

#include "tar.h"

/*
 * Writes a member as the file path, "NAME" or "log/NAME" (out/, map/), new,
 * beneath the directory top; with the member's mtime. -1 and errno: EBADMSG
 * and why: its path is none that a run has.
 */
int unpack_member(int top, const struct tar_member *, const char *path,
	struct buf *why);

#endif
