/* fillwait: the waiting runs of a backfill: held, let go, taken back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admit.h"
#include "eval.h"
#include "fillwait.h"
#include "hist.h"
#include "io.h"
#include "runfile.h"
#include "tree.h"

/* does it wait, and is it of this backfill? 1, 0, -1 */
static int
waits(struct spool *sp, const struct backfills_part *p,
    const struct run_entry *run, int dirfd)
{
	char path[FILE_LEN];
	struct runfile file;
	struct stat st;
	const char *v;
	int x;

	snprintf(path, sizeof path, "%s/@waiting", run->name);
	if (run->manual || run->time < p->from || run->time > p->to)
		return 0;
	if (io_stat(dirfd, path, &st) < 0)
		return errno == ENOENT ? 0 : -1;
	x = runfile_open(&file, sp, p->dag, run->name);
	v = x == 0 ? rec_get(&file.rec, "backfill") : NULL;
	if (x >= 0 || errno == ENOENT)
		x = v && strcmp(v, p->name) == 0;
	runfile_free(&file);
	return x;
}

static int
mark(int dirfd, const char *run, bool held)
{
	const struct timespec t = {held ? ADMIT_HELD : ADMIT_BEHIND, 0};
	const struct timespec times[2] = {t, t};
	char path[FILE_LEN];
	struct stat st;

	snprintf(path, sizeof path, "%s/@waiting", run);
	if (io_stat(dirfd, path, &st) < 0)
		return -1;
	return st.st_mtim.tv_sec == t.tv_sec ? 0 :
	    io_touch(dirfd, path, times);
}

static void
put_missed(struct buf *b, const struct backfills_part *p, const char *run)
{
	char id[NAME_LEN + RUN_LEN + 2], text[INSTANT_LEN], why[NAME_LEN + 64];
	int64_t t = 0;
	int off = 0;

	snprintf(id, sizeof id, "%s/%s", p->dag, run);
	snprintf(why, sizeof why, "its backfill %s was cancelled", p->name);
	run_name_parse(run, &t, &off, NULL);
	instant_format(text, t, off);
	rec_begin(b, "missed", id);
	rec_put(b, "time", text);
	rec_put(b, "reason", why);
	rec_end(b);
}

/* the traces first: of what is in runs/ too the run counts */
static int
take_back(struct spool *sp, const struct backfills_part *p,
    const struct run_entry *list, size_t n, int dirfd)
{
	struct buf missed = BUF_INIT;
	struct run r;
	int x;

	for (size_t i = 0; i < n; i++)
		put_missed(&missed, p, list[i].name);
	x = hist_append(sp, p->dag, &missed);
	buf_free(&missed);
	for (size_t i = 0; i < n && x == 0; i++) {
		if (run_open(sp, p->dag, list[i].name, &r) < 0)
			return -1;
		/* who admits it would need the lock that is held */
		x = run_lock(&r);
		if (x == 0)
			x = tree_drop(sp, dirfd, list[i].name);
		run_close(&r);
	}
	return x < 0 || spool_sync(sp, dirfd) < 0 ? -1 : 0;
}

static int
apply(struct spool *sp, const struct backfills_part *p, int dirfd)
{
	struct run_entry *list;
	size_t all, n = 0;
	int x = 0, e;

	if (spool_runs(sp, p->dag, false, &list, &all) < 0)
		return -1;
	for (size_t i = 0; i < all && x >= 0; i++)
		if ((x = waits(sp, p, &list[i], dirfd)) > 0)
			list[n++] = list[i];
	x = x < 0 ? -1 : 0;
	if (x == 0 && n > 0 && p->state == BACKFILL_CANCELLED)
		x = take_back(sp, p, list, n, dirfd);
	else
		for (size_t i = 0; i < n && x == 0; i++)
			x = mark(dirfd, list[i].name,
			    p->state == BACKFILL_PAUSED);
	e = errno;
	free(list);
	eval_changed(dirfd);
	errno = e;
	return x;
}

int
fillwait(struct spool *sp, const struct backfills_part *p)
{
	int dir = io_exists(sp->runs, p->dag) == 0 ? -1 : dag_lock(sp, p->dag);
	int x, e;

	if (dir < 0)
		return errno == ENOENT ? 0 : -1;
	x = apply(sp, p, dir);
	e = errno;
	close(dir);
	errno = e;
	return x < 0 || eval_admit(sp, p->dag) < 0 ? -1 : 0;
}
