/*
 * follow: dagsched --follow: what falls due, when it does. Between two
 * instants it sleeps: on a timer that notices a clock being set, and on
 * inotify for DAG files and for dags/ in the spool, where a DAG is paused and
 * resumed. Events are hints: what a file holds is looked at again whenever
 * its DAG has a slot.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "alarm.h"
#include "calfile.h"
#include "follow.h"
#include "instant.h"

#define f follow_state

enum { RETRY = 60 };		/* seconds, after the system has failed */
enum { FD_TIMER, FD_WATCH, FD_SIGNAL, FD_STDOUT, FDS };

static void
close_spool(void)
{
	if (sched.spool)
		spool_close(sched.spool);
	sched.spool = NULL;
	if (f.dags >= 0)
		watch_remove(&f.watch, f.dags);
	f.dags = -1;
}

/* the spool is not there yet, or not all of it: watches for it to come */
static void
await_spool(void)
{
	struct buf parent = BUF_INIT;

	if (!f.path && !(f.path = dagsched_spool_path()))
		return;
	for (size_t n = strlen(f.path); n > 1 && f.path[n - 1] == '/';)
		f.path[--n] = '\0';
	buf_fmt(&parent, "%.*s", (int)(follow_base(f.path) - f.path), f.path);
	f.born[0] = follow_watch(buf_cstr(&parent), WATCH_ARRIVE | WATCH_ADD);
	f.born[1] = follow_watch(f.path, WATCH_ARRIVE);
	buf_free(&parent);
}

/* the spool, as soon as dagq has made all of it */
static void
open_spool(void)
{
	if (f.dags >= 0)
		return;
	close_spool();
	await_spool();
	sched.spool = dagsched_spool(&f.spool);
	if (!sched.spool)
		return;
	if (f.spool.runs >= 0)
		f.dags = watch_add(&f.watch, f.spool.fd, "dags",
		    WATCH_PLACED | WATCH_LEAVE | WATCH_SELF);
	if (f.spool.runs >= 0)
		f.fills = watch_add(&f.watch, f.spool.fd, "backfills",
		    WATCH_PLACED);
	if (f.dags < 0 && (f.spool.runs < 0 || errno == ENOENT)) {
		close_spool();
		return;
	}
	watch_remove(&f.watch, f.born[1]);
	f.born[0] = f.born[1] = -1;
}

/* was it watched already? */
static bool
waits_for(int wd, const char *dag)
{
	for (size_t i = 0; i < f.nwait; i++)
		if (f.wait[i].wd == wd && strcmp(f.wait[i].dag, dag) == 0)
			return true;
	return false;
}

/* watches what this DAG waits for in the spool, or elsewhere; what is watched
 * only now may have changed before that: then it is decided about once more */
static void
watch_waits(struct file *x)
{
	static const unsigned own = WATCH_PLACED | WATCH_ADD | WATCH_SELF;
	struct wait *w;
	char *line, *save;
	bool outside;
	int wd;

	for (line = strtok_r(buf_cstr(&sched.watch), "\n", &save); line;
	    line = strtok_r(NULL, "\n", &save)) {
		outside = line[0] == '/' || strncmp(line, "runs/", 5) != 0;
		wd = line[0] == '/' ? follow_watch(line, own | WATCH_WHOLE |
		    WATCH_ARRIVE) : watch_add(&f.watch, f.spool.fd, line,
		    outside ? own | WATCH_WRITE | WATCH_ARRIVE : own);
		if (wd < 0 && outside)
			continue;
		x->due |= wd < 0 ? errno == ENOENT : !waits_for(wd, x->dag);
		f.again |= x->due;
		if (wd < 0 || waits_for(wd, x->dag))
			continue;
		w = realloc(f.wait, (f.nwait + 1) * sizeof *w);
		if (!w)
			prog_die_errno("waiting");
		f.wait = w;
		f.wait[f.nwait].wd = wd;
		f.wait[f.nwait].outside = outside;
		snprintf(f.wait[f.nwait++].dag, NAME_LEN + 1, "%s", x->dag);
	}
}

/* decides about whatever has something due; the records of all are a batch */
static void
pass(bool all)
{
	enum exit_code code;
	struct file *x;

	sched.now = clock_seconds();
	f.again = false;
	open_spool();
	backfills_free(&f.backfills);
	if (backfills_load(sched.spool, &f.backfills) < 0)
		prog_die_errno("backfills");
	sched.backfills = &f.backfills;
	for (size_t i = 0; i < f.n; i++) {
		x = &f.file[i];
		if (!all && !x->due && x->wake > sched.now)
			continue;
		follow_refresh(x);
		x->due = false;
		x->wake = INT64_MAX;
		if (x->text.n == 0)
			continue;
		code = dagsched_dag(&x->text);
		watch_waits(x);
		x->wake = code == EXIT_SYSTEM ? sched.now + RETRY : sched.wake;
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		prog_die_errno("stdout");
}

/* something in dags/ has changed: of one DAG, or all of it is gone */
static void
spool_event(const struct watch_event *ev)
{
	if (ev->mask & (WATCH_SELF | WATCH_LOST)) {
		close_spool();
		f.all = true;
	}
	for (size_t i = 0; i < f.n; i++)
		if (strcmp(f.file[i].dag, ev->name) == 0)
			f.file[i].due = true;
}

/* files or assets have come: a second later there may be more of them */
static void
file_event(const struct watch_event *ev)
{
	int64_t soon = clock_seconds() + 1;

	for (size_t w = 0; w < f.nwait; w++) {
		if (!f.wait[w].outside || f.wait[w].wd != ev->wd)
			continue;
		for (size_t i = 0; i < f.n; i++)
			if (strcmp(f.file[i].dag, f.wait[w].dag) == 0 &&
			    f.file[i].wake > soon)
				f.file[i].wake = soon;
		if (ev->mask & WATCH_LOST)
			f.wait[w--] = f.wait[--f.nwait];
	}
}

/* a run has ended, or something else has come that a DAG waited for */
static void
wait_event(const struct watch_event *ev)
{
	bool over = ev->mask & (WATCH_SELF | WATCH_LOST);

	/* of a run only its own state counts, not that of its tasks */
	for (size_t w = 0; w < f.nwait && (over || ev->name[0] == '@');) {
		if (f.wait[w].wd != ev->wd || f.wait[w].outside) {
			w++;
			continue;
		}
		for (size_t i = 0; i < f.n; i++)
			if (strcmp(f.file[i].dag, f.wait[w].dag) == 0)
				f.file[i].due = true;
		f.wait[w] = f.wait[--f.nwait];
		if (!over)
			watch_remove(&f.watch, ev->wd);
	}
}

/* a calendar that changes changes the slots of whoever uses it */
static void
watch_calendars(void)
{
	struct buf dirs = BUF_INIT;
	char *dir, *save;
	int wd;

	calfile_dirs(&dirs);
	for (dir = strtok_r(buf_cstr(&dirs), "\n", &save); dir;
	    dir = strtok_r(NULL, "\n", &save)) {
		wd = follow_watch(dir, WATCH_WHOLE | WATCH_PLACED |
		    WATCH_LEAVE | WATCH_ADD);
		if (wd >= 0 && f.ncal < CALENDARS)
			f.cal[f.ncal++] = wd;
	}
	buf_free(&dirs);
}

static void
calendar_event(const struct watch_event *ev)
{
	for (size_t i = 0; i < f.ncal; i++)
		f.all |= f.cal[i] == ev->wd;
}

static void
read_events(void)
{
	struct watch_event ev;
	int r;

	while ((r = watch_next(&f.watch, &ev)) > 0) {
		if (ev.mask & WATCH_OVERFLOW)
			f.look = f.all = true;
		else if (ev.wd == f.fills)
			f.all = true;
		else if (ev.wd == f.dags)
			spool_event(&ev);
		else {
			wait_event(&ev);
			file_event(&ev);
			calendar_event(&ev);
			follow_event(&ev);
		}
		if (f.dags < 0 && (ev.wd == f.born[1] ||
		    (ev.wd == f.born[0] &&
		    strcmp(ev.name, follow_base(f.path)) == 0)))
			f.all = true;
	}
	if (r < 0)
		prog_die_errno("inotify");
}

/* sleeps until something has happened; false: it is time to leave */
static bool
wait(enum exit_code *code)
{
	struct pollfd p[FDS] = {
		[FD_TIMER] = {f.timer, POLLIN, 0},
		[FD_WATCH] = {f.watch.fd, POLLIN, 0},
		[FD_SIGNAL] = {f.signals, POLLIN, 0},
		[FD_STDOUT] = {STDOUT_FILENO, 0, 0},
	};
	int64_t next = INT64_MAX;
	enum alarm_event ev;

	for (size_t i = 0; i < f.n; i++)
		if (f.file[i].wake < next)
			next = f.file[i].wake;
	if (alarm_set(f.timer, next) < 0 ||
	    (poll(p, FDS, f.again ? 0 : -1) < 0 && errno != EINTR))
		prog_die_errno("waiting");
	if (p[FD_SIGNAL].revents) {
		*code = EXIT_OK;
		return false;
	}
	if (p[FD_STDOUT].revents & (POLLERR | POLLHUP | POLLNVAL)) {
		prog_warn("stdout: nobody reads it any more");
		*code = EXIT_SYSTEM;
		return false;
	}
	ev = alarm_read(f.timer);
	if (ev == ALARM_ERROR)
		prog_die_errno("timer");
	f.all |= ev == ALARM_CLOCK_SET;
	read_events();
	return true;
}

enum exit_code
follow(int argc, char **argv)
{
	enum exit_code code = EXIT_OK;
	sigset_t set;
	bool all;

	f.name = argv;
	f.nname = (size_t)argc;
	f.dags = f.born[0] = f.born[1] = -1;
	/* a write to nobody is an error like any other */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	f.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	f.timer = alarm_open();
	if (f.signals < 0 || f.timer < 0 || watch_open(&f.watch) < 0)
		prog_die_errno("waiting");
	watch_calendars();
	if (follow_look() != EXIT_OK && argc > 0)
		prog_die(EXIT_BAD, "not all DAGs are there: nothing is "
		    "followed");
	do {
		if (f.look)
			follow_look();
		all = f.all;
		f.all = false;
		pass(all);
	} while (wait(&code));
	follow_free();
	buf_free(&sched.out);
	buf_free(&sched.notes);
	close_spool();
	watch_close(&f.watch);
	return code;
}
