/* archive: archive/DAG/RUN.tar.gz: a finished run in one file. */
#ifndef ARCHIVED_RUN_H
#define ARCHIVED_RUN_H

#include "spool.h"
#include "tar.h"

enum { ARCHIVE_PATH = 2 * NAME_LEN + RUN_LEN };

/* archive/DAG/RUN.tar.gz, beneath the spool */
void archive_path(char [ARCHIVE_PATH], const char *dag, const char *run);
/* is it there? */
bool archive_exists(struct spool *, const char *dag, const char *run);

/* removes it, synced if the spool is durable; -1 and errno */
int archive_remove(struct spool *, const char *dag, const char *run);

/* what was packed: paths beneath the run, malloc'ed */
struct archive_list {
	struct archive_item {
		char *path;
		int64_t size, mtime;
		uint64_t sum;
	} *item;
	size_t n;
};

/* a packed run, aside */
struct archive_packed {
	struct archive_list list;
	char tmp[64];		/* its name in tmp/; "" once it is published */
	int fd;
};

/*
 * Packs a run (locked, ended), all that is in it, into a file in tmp/ whose
 * name k tells from others of this process; it is not synced. archive_drop,
 * unless it failed. -1 and errno, and why in words: EBADMSG something in the
 * run is no regular file, E2BIG, ESTALE it changed.
 */
int archive_pack(struct run *, unsigned k, struct archive_packed *,
	struct buf *why);
/* archive/DAG, opened, made if need be; -1 and errno */
int archive_shelf(struct spool *, const char *dag);
/* reads back what was packed, compares, and renames it into the shelf,
 * replacing an older one; the shelf is the caller's to sync. -1 and errno */
int archive_publish(const struct run *, struct archive_packed *, int shelf,
	struct buf *why);
/* frees it, and takes it away unless it is published */
void archive_drop(struct spool *, struct archive_packed *);

/*
 * Calls f with each member of an archived run, its name without "RUN/"; as
 * tar_each. -1 with errno ENOENT: there is no such archive.
 */
int archive_each(struct spool *, const char *dag, const char *run,
	int (*f)(const struct tar_member *, void *), void *, struct buf *why);
/* appends what one member holds to b, at most max bytes (EFBIG); -1, errno:
 * ENOENT there is no such member */
int archive_get(struct spool *, const char *dag, const char *run,
	const char *member, size_t max, struct buf *b, struct buf *why);

#endif
