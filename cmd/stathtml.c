/* stathtml: dagstat --html: the spool as pages, kept fresh if that is asked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dagstat.h"
#include "progress.h"
#include "site.h"
#include "watch.h"

/* ms: pages are written when nothing has happened for so long, or some time
 * after it began to; what is late, or came unseen, is seen after a while */
enum { QUIET = 100, LATEST = 10, AGAIN = 300000 };

/* runs that have not ended: their directories are watched */
struct follow {
	struct watch watch;
	struct followed {
		int wd;
		bool seen;	/* by this look */
	} *run;
	size_t n, cap;
};

static void
fault(const char *thing, const char *why)
{
	progress_hide();
	prog_warn("%s: %s", thing, why);
}

static void
watch_run(const char *dag, const char *run, void *arg)
{
	struct follow *f = arg;
	char path[FILE_LEN];
	struct followed *more;
	int wd;

	snprintf(path, sizeof path, "%s/%s", dag, run);
	wd = watch_add(&f->watch, dagstat.spool.runs, path,
	    WATCH_ARRIVE | WATCH_LEAVE);
	for (size_t i = 0; i < f->n; i++)
		if (f->run[i].wd == wd) {
			f->run[i].seen = true;
			return;
		}
	/* too many: what ends in it is seen when its run ends */
	if (wd < 0)
		return;
	if (f->n == f->cap) {
		f->cap = f->cap ? f->cap * 2 : 64;
		more = realloc(f->run, f->cap * sizeof *more);
		if (!more)
			prog_die_errno("memory");
		f->run = more;
	}
	f->run[f->n++] = (struct followed){wd, true};
}

static void
unwatch(struct follow *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		if (f->run[i].seen) {
			f->run[n] = f->run[i];
			f->run[n++].seen = false;
		} else
			watch_remove(&f->watch, f->run[i].wd);
	f->n = n;
}

/* queues and histories, and where runs appear: watched before they are read */
static void
watch_all(struct follow *f)
{
	static const char *const where[] = { "queue", "history", "runs",
	    "dags", "archive" };
	struct names dags;

	for (size_t i = 0; i < sizeof where / sizeof *where; i++)
		if (watch_add(&f->watch, dagstat.spool.fd, where[i],
		    WATCH_ARRIVE | WATCH_LEAVE | WATCH_WRITE) < 0 &&
		    errno != ENOENT)
			prog_die_errno("%s/%s", dagstat.spool.path, where[i]);
	if (names_list(dagstat.spool.runs, ".", &dags) < 0)
		return;
	for (size_t i = 0; i < dags.n; i++)
		if (watch_add(&f->watch, dagstat.spool.runs, dags.name[i],
		    WATCH_ARRIVE | WATCH_LEAVE) < 0 && errno == ENOSPC)
			prog_die_errno("%s", dagstat.spool.path);
	names_free(&dags);
}

static void
drain(struct follow *f)
{
	struct watch_event e;

	while (watch_next(&f->watch, &e) > 0)
		;
}

static struct site site;
static uint64_t done;

static void
add(void)
{
	done++;
	progress_add(1);
}

static uint64_t
left(void)
{
	uint64_t n = site_runs(site.spool);

	return n > done ? n - done : 0;
}

static enum exit_code
update(void)
{
	size_t written = site.dir.written, runs = site.runs;

	done = 0;
	progress_begin("runs", 0, left);
	if (site_update(&site) < 0)
		prog_die_errno("%s", dagstat.html);
	progress_end();
	if (prog_verbose > 0)
		prog_warn("%s: %zu pages written, %zu runs read", dagstat.html,
		    site.dir.written - written, site.runs - runs);
	return site.faults ? EXIT_BAD : EXIT_OK;
}

static void
follow(void)
{
	static struct follow f;

	if (watch_open(&f.watch) < 0)
		prog_die_errno("inotify");
	site.live = watch_run;
	site.arg = &f;
	for (;;) {
		watch_all(&f);
		update();
		unwatch(&f);
		if (watch_wait(&f.watch, AGAIN) < 0)
			prog_die_errno("inotify");
		for (int i = 0; i < LATEST; i++) {
			drain(&f);
			if (watch_wait(&f.watch, QUIET) == 0)
				break;
		}
		drain(&f);
	}
}

enum exit_code
stathtml(void)
{
	enum exit_code r;

	site = (struct site){ .spool = &dagstat.spool, .fault = fault,
	    .done = add };

	if (dagstat.ids.n > 0)
		prog_die(EXIT_USAGE, "--html is of the whole spool");
	if (page_open(&site.dir, dagstat.html) < 0)
		prog_die_errno("%s", dagstat.html);
	if (dagstat.log.follow)
		follow();
	r = update();
	page_close(&site.dir);
	return r;
}
