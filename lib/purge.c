/* purge: archived runs are removed, their slots stay decided. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "hist.h"
#include "io.h"
#include "num.h"
#include "purge.h"
#include "rec.h"
#include "who.h"

static int
write_down(struct spool *sp, const char *dag, const char *run,
    const char *reason)
{
	char id[NAME_LEN + RUN_LEN + 2], time[INSTANT_LEN];
	const char *user = who_acts();
	struct buf b = BUF_INIT;
	int64_t t;
	int off = 0, x;

	if (run_name_parse(run, &t, &off, NULL) < 0) {
		errno = EINVAL;
		return -1;
	}
	snprintf(id, sizeof id, "%.*s/%.*s", NAME_LEN, dag, RUN_LEN, run);
	instant_format(time, t, off);
	rec_begin(&b, "purged", id);
	rec_put(&b, "time", time);
	rec_put(&b, "reason", reason);
	rec_put(&b, "user", user);
	rec_end(&b);
	x = hist_append(sp, dag, &b);
	buf_free(&b);
	return x;
}

int
purge_run(struct spool *sp, const char *dag, const char *run,
    const char *reason, struct buf *why)
{
	char path[2 * NAME_LEN + RUN_LEN];
	int lock, x = -1, e;

	if (!archive_exists(sp, dag, run)) {
		errno = ENOENT;
		return -1;
	}
	lock = dag_lock(sp, dag);
	if (lock < 0)
		return -1;
	snprintf(path, sizeof path, "%s/%s", dag, run);
	if (io_exists(sp->runs, path) == 1) {
		buf_str(why, "it is not archived: dagq --archive");
		errno = EBUSY;
	} else if (write_down(sp, dag, run, reason) == 0)
		x = archive_remove(sp, dag, run);
	e = errno;
	close(lock);
	errno = e;
	return x;
}

/* when its archive was made, which is when it had ended at the latest */
static int64_t
archived_at(struct spool *sp, const char *dag, const char *run)
{
	char path[ARCHIVE_PATH];
	struct stat st;

	archive_path(path, dag, run);
	return io_stat(sp->fd, path, &st) == 0 ?
	    st.st_mtime : INT64_MAX;
}

/* when it ended: its state's time */
static int
state_time(const struct tar_member *m, void *arg)
{
	if (m->name[0] != '@')
		return 0;
	*(int64_t *)arg = m->mtime;
	return 1;
}

/* keep of the definition that it ran by, in seconds; -1: it says nothing */
static int64_t
keep_of(struct spool *sp, const char *dag, const char *run)
{
	struct buf text = BUF_INIT, why = BUF_INIT, value = BUF_INIT;
	int64_t keep = -1;
	struct plan p;
	const char *v;

	if (archive_get(sp, dag, run, "plan", PLAN_MAX, &text, &why) == 0 &&
	    plan_make(&p, text.p, text.n, &why) == 0) {
		v = plan_dag_get(&p, "keep", &value);
		if (v && dur_parse(v, &keep) < 0)
			keep = -1;
		plan_free(&p);
	}
	buf_free(&text);
	buf_free(&why);
	buf_free(&value);
	return keep;
}

static bool
due(struct spool *sp, const char *dag, const char *run, int64_t older)
{
	int64_t end = archived_at(sp, dag, run);
	struct buf why = BUF_INIT;

	if (older < 0)
		older = keep_of(sp, dag, run);
	archive_each(sp, dag, run, state_time, &end, &why);
	buf_free(&why);
	return older >= 0 && end <= clock_seconds() - older;
}

int
purge_due(struct spool *sp, int64_t older,
    void (*f)(const char *, const char *, void *), void *arg)
{
	struct run_entry *list;
	struct names dags;
	size_t n;

	if (names_list(sp->fd, "archive", &dags) < 0)
		return -1;
	for (size_t i = 0; i < dags.n; i++) {
		if (!name_ok(dags.name[i], strlen(dags.name[i])) ||
		    spool_runs(sp, dags.name[i], true, &list, &n) < 0)
			continue;
		for (size_t k = 0; k < n; k++)
			if (list[k].archived &&
			    due(sp, dags.name[i], list[k].name, older))
				f(dags.name[i], list[k].name, arg);
		free(list);
	}
	names_free(&dags);
	return 0;
}
