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

/* what was packed: paths beneath the run, malloc'ed; archive_list_free */
struct archive_list {
	struct archive_item {
		char *path;
		int64_t size, mtime;
		uint64_t sum;
	} *item;
	size_t n;
};
void archive_list_free(struct archive_list *);

/*
 * Packs a run (locked, ended): all that is in it, as a file in tmp/, synced,
 * read back and compared, then renamed into archive/DAG/, replacing an older
 * one, and synced. list says what was packed. -1 and errno, and why in words:
 * EBADMSG something in the run is no regular file, E2BIG, ESTALE it changed.
 */
int archive_pack(struct run *, struct archive_list *, struct buf *why);

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
