/* withdraw: a run that cannot go on: set aside whole, its slot decided. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aside.h"
#include "eval.h"
#include "hist.h"
#include "instant.h"
#include "io.h"
#include "names.h"
#include "withdraw.h"

/* is one of its running markers locked? On a shared spool it may be by another
 * machine, whose locks are not seen for sure */
static int
is_running(const struct run *r)
{
	struct names files;
	int fd, x = names_list(r->fd, ".", &files);

	if (x < 0)
		return -1;
	for (size_t i = 0; i < files.n && x == 0; i++) {
		if (!strstr(files.name[i], ".running."))
			continue;
		fd = io_open_file(r->fd, files.name[i], O_RDWR, 0);
		if (fd < 0) {
			x = run_damaged(errno) ? 0 : -1;
			continue;
		}
		x = r->spool->shared || io_locked(fd, 0) == 1 ||
		    io_locked(fd, 1) == 1;
		close(fd);
	}
	names_free(&files);
	return x;
}

int
withdraw_slot(struct spool *sp, const char *dag, const char *run,
    const char *why)
{
	char text[INSTANT_LEN];
	struct buf b = BUF_INIT;
	int64_t t;
	bool manual;
	int off, x;

	if (run_name_parse(run, &t, &off, &manual) < 0 ||
	    (manual && !run_name_queues(run)))
		return 0;
	instant_format(text, t, off);
	buf_fmt(&b, "purged\t%s/%s", dag, run);
	rec_put(&b, "time", text);
	rec_put(&b, "reason", why);
	buf_ch(&b, '\n');
	x = hist_append(sp, dag, &b);
	buf_free(&b);
	return x;
}

/* its markers in queue/ */
static int
put_queued(struct run *r, const char *as, const char *why)
{
	size_t n = strlen(as);
	struct names files;
	int x = names_list(r->spool->fd, "queue", &files);

	if (x < 0)
		return -1;
	for (size_t i = 0; i < files.n && x == 0; i++)
		if (strncmp(files.name[i], as, n) == 0 &&
		    files.name[i][n] == '.')
			x = aside_put(r->spool, r->spool->queue,
			    files.name[i], files.name[i], why);
	names_free(&files);
	return x;
}

int
withdraw_run(struct run *r, const char *why)
{
	char as[FILE_LEN];
	int lock = dag_lock(r->spool, r->dag), x, e;

	if (lock < 0)
		return -1;
	snprintf(as, sizeof as, "%s@%s", r->dag, r->name);
	/* who looked had no lock: it may be archived by now, and another may
	 * be there in its place */
	x = run_in_place(r);
	x = x > 0 ? is_running(r) : x == 0 ? 1 : -1;
	if (x == 0) {
		x = withdraw_slot(r->spool, r->dag, r->name, why) < 0 ||
		    put_queued(r, as, why) < 0 ||
		    aside_put(r->spool, lock, r->name, as, why) < 0 ||
		    spool_sync(r->spool, lock) < 0 ? -1 : 1;
		eval_changed(lock);
	} else if (x > 0)
		x = 0;
	e = errno;
	close(lock);
	if (x > 0 && eval_admit(r->spool, r->dag) < 0)
		return -1;
	errno = e;
	return x;
}
