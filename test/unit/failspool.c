/*
 * failspool: each allocation and each call that fails while a spool is opened,
 * its runs are looked at, its markers moved; and what there may be instead.
 */
#include "io.h"
#include "spool.h"

#include "fail.h"

#define RUN "2026-01-01T0000Z"
static const char plan[] = "dag\td\ttasks=3\ntask\td/a\trun=x\n"
    "task\td/b\tafter=a\trun=x\ntask\td/c\teach=1 2\trun=x\n";

/* for sh; what it says matters to nobody */
static void
sh(const char *command)
{
	if (system(command) != 0)
		exit(111);
}

static void
clear(void)
{
	sh("chmod -R u+rwx s 2>&-; rm -rf s");
}

static void
half(void)
{
	sh("rm -rf s; mkdir -m 700 s s/queue s/runs s/lost+found");
}

/* one of everything: a run with a task of each kind of place, an archive */
static void
whole(void)
{
	int fd;

	sh("chmod -R u+rwx s 2>&-; rm -rf s; umask 077; mkdir s; cd s;"
	    "mkdir queue runs plans dags backfills pools history archive"
	    " workers bad tmp;"
	    "mkdir -p runs/d/" RUN " archive/e archive/d runs/f;"
	    ">archive/e/" RUN ".tar.gz; >archive/e/junk; >archive/e/x;"
	    ">archive/d/" RUN ".tar.gz; >archive/e/2026-01-01.tar.gz;"
	    ">archive/d/2025-01-01T0000Z.tar.gz; >runs/.junk; >runs/d/x;"
	    "mkdir runs/d/2026-01-01T0000Z-manual runs/d/2026-01-02T0000Z;"
	    ">runs/d/a_name_that_is_longer_than_that_of_any_run_can_ever_be_x;"
	    "cd runs/d/" RUN "; >@active; >junk; >x.failed;"
	    ">a.running.2; >a.running.1;"
	    "mkdir map; printf 'k1\\t1\\nk2\\t2\\n' >map/c; >c+k1.success;"
	    ">b.failed; >b.held; echo run >run;"
	    ">../../../queue/d@" RUN ".c");
	fd = creat("s/runs/d/" RUN "/plan", 0400);
	if (fd < 0 || write_all(fd, plan, strlen(plan)) < 0 || close(fd) < 0)
		exit(111);
}

static int
opened(struct buf *out, const void *mode)
{
	struct spool sp;

	(void)out;
	if (spool_open(&sp, "s", *(const enum spool_mode *)mode) < 0)
		return -1;
	spool_close(&sp);
	return 0;
}

/* -1 and errno, all closed */
static int
quit(struct spool *sp, struct run *r)
{
	int e = errno;

	run_close(r);
	spool_close(sp);
	errno = e;
	return -1;
}

/* what can be seen in a run */
static int
looked(struct buf *out, const void *arg)
{
	struct buf b = BUF_INIT;
	struct instance in[8], a;
	enum state ended;
	struct spool sp;
	struct run r;
	int e;

	(void)arg;
	if (spool_open(&sp, "s", SPOOL_READ) < 0)
		return -1;
	if (run_open(&sp, "d", RUN, &r) < 0 || run_plan(&r, NULL) < 0 ||
	    run_plan(&r, NULL) < 0 || run_state(&r) != RUN_ACTIVE ||
	    run_in_place(&r) != 1 || run_states(&r, in) < 0)
		return quit(&sp, &r);
	a = task_state(&r, "a");
	if (a.state == STATE_NONE)
		return quit(&sp, &r);
	ended = task_glimpse(&r, "b", STATE_SUCCESS);
	errno = r.err;
	if (r.err || run_record(&r, &b) < 0) {
		e = b.err ? b.err : errno;
		buf_free(&b);
		errno = e;
		return quit(&sp, &r);
	}
	fail.on = false;
	for (uint32_t i = 0; i < r.plan->n; i++)
		buf_fmt(out, "%s %u\n", state_name(in[i].state),
		    in[i].attempt);
	buf_fmt(out, "%s %s %s", state_name(a.state), state_name(ended),
	    buf_cstr(&b));
	buf_free(&b);
	run_close(&r);
	spool_close(&sp);
	return 0;
}

/* what runs there are */
static int
listed(struct buf *out, const void *arg)
{
	struct run_entry *live = NULL, *all = NULL;
	struct names dags = {0};
	size_t n, m;
	struct spool sp;
	int x = -1, e;

	(void)arg;
	if (spool_open(&sp, "s", SPOOL_READ) < 0)
		return -1;
	if (spool_dags(&sp, &dags) == 0 &&
	    spool_runs(&sp, "d", false, &live, &n) == 0 &&
	    spool_runs(&sp, "d", true, &all, &m) == 0)
		x = 0;
	e = errno;
	fail.on = false;
	for (size_t i = 0; x == 0 && i < dags.n; i++)
		buf_fmt(out, "%s\n", dags.name[i]);
	for (size_t i = 0; x == 0 && i < m; i++)
		buf_fmt(out, "%s %d\n", all[i].name, all[i].archived);
	if (x == 0)
		buf_fmt(out, "%zu %d%d", n, spool_knows(&sp, "e"),
		    spool_knows(&sp, "g"));
	names_free(&dags);
	free(live);
	free(all);
	spool_close(&sp);
	errno = e;
	return x;
}

/* a task's way, with a line for each step */
static int
moved(struct buf *out, const void *arg)
{
	static const struct instance held = {STATE_HELD, 0},
	    waiting = {STATE_WAITING, 0};
	struct buf fields = BUF_INIT, lines = BUF_INIT;
	struct spool sp;
	struct run r;
	int fd = -1, lock = -1, x = -1, e;

	(void)arg;
	if (spool_open(&sp, "s", SPOOL_WRITE) < 0)
		return -1;
	if (run_open(&sp, "d", RUN, &r) < 0 || run_lock(&r) < 0)
		return quit(&sp, &r);
	buf_str(&fields, "\tk=v");
	lock = dag_lock(&sp, "new");
	if (lock >= 0 && marker_make(r.fd, "n.waiting") == 0)
		fd = marker_open(&r, "n", waiting, O_RDWR | O_APPEND);
	if (fd >= 0 && marker_event(fd, "one", &fields, NULL) > 0 &&
	    marker_event(fd, "two", NULL, &fields) > 0 &&
	    marker_due(fd, 7) == 0 &&
	    task_move(&r, "n", waiting, held) == 0 &&
	    run_move(&r, RUN_ACTIVE, RUN_WAITING) == 0 &&
	    run_admit(sp.runs, "d/" RUN) == 0 &&
	    spool_sync(&sp, r.fd) == 0 && spool_sync_all(&sp) == 0)
		x = io_read(r.fd, "n.held", &lines, 1000);
	e = errno;
	fail.on = false;
	run_unlock(&r);
	for (size_t i = 0; x == 0 && i < lines.n; i++)
		if (lines.p[i] < '0' || lines.p[i] > '9')
			buf_ch(out, lines.p[i]);
	buf_free(&fields);
	buf_free(&lines);
	if (fd >= 0)
		close(fd);
	if (lock >= 0)
		close(lock);
	run_close(&r);
	spool_close(&sp);
	errno = e;
	return x;
}

/* opening fails with that, which is told in words */
static void
refused(const char *what, enum spool_mode mode, int error)
{
	struct spool sp;
	int x = spool_open(&sp, "s", mode);

	if (x == 0)
		spool_close(&sp);
	ok(x < 0 && errno == error && spool_reason(error)[0], "%s: %s", what,
	    spool_reason(error));
}

static void
refusals(void)
{
	clear();
	refused("nothing", SPOOL_READ, ENOENT);
	sh("mkdir -m 777 s; chmod 777 s");
	refused("others can write", SPOOL_WRITE, EPERM);
	half();
	sh(">s/mine");
	refused("something else is in it", SPOOL_WRITE, ENOTEMPTY);
	whole();
	if (geteuid() == 0) {
		sh("chown 65534 s");
		refused("another owner", SPOOL_WRITE, EPERM);
		sh("chown 0 s");
	}
	fail.fs = 0x6969;
	refused("nfs", SPOOL_WRITE, EREMOTE);
	fail.fs = (long)0xfffffffffe534d42;
	refused("smb", SPOOL_WRITE, EREMOTE);
	setenv("DAG_REMOTE", "yes", 1);
	ok(opened(NULL, &(enum spool_mode){SPOOL_WRITE}) == 0, "remote, told");
	unsetenv("DAG_REMOTE");
	fail.fs = 0;
	sh("mv s/queue s/q; ln -s q s/queue");
	refused("a link in it", SPOOL_WRITE, ELOOP);
	clear();
	sh(">s");
	refused("a file", SPOOL_WRITE, ENOTDIR);
	clear();
	ok(strcmp(spool_reason(ENOMEM), strerror(ENOMEM)) == 0, "the rest");
}

/* what is damaged, and how that is said */
static void
damaged(const char *what, const char *script, int error)
{
	struct buf why = BUF_INIT;
	struct spool sp;
	struct run r;
	int x;

	whole();
	sh(script);
	if (spool_open(&sp, "s", SPOOL_READ) < 0)
		exit(111);
	x = run_open(&sp, "d", RUN, &r);
	if (x == 0)
		x = run_plan(&r, NULL) | run_plan(&r, &why);
	ok(x < 0 && errno == error && run_damaged(error), "%s: %s", what,
	    why.n ? buf_cstr(&why) : strerror(error));
	buf_free(&why);
	run_close(&r);
	spool_close(&sp);
}

#define IN "cd s/runs/d/" RUN "; "
static void
damages(void)
{
	damaged("no run", "rm -r s/runs/d", ENOENT);
	damaged("a file", "rm -r s/runs/d/" RUN "; >s/runs/d/" RUN, ENOTDIR);
	damaged("a link", "mv s/runs/d/" RUN " s; ln -s . s/runs/d/" RUN,
	    ELOOP);
	damaged("no plan", IN "rm -f plan", ENOENT);
	damaged("an empty plan", IN "rm -f plan; >plan", EINVAL);
	damaged("a directory", IN "rm -f plan; mkdir plan", EINVAL);
	damaged("a plan cut short", IN "head -c 60 plan >p; mv -f p plan",
	    EINVAL);
	damaged("a list cut short", IN "printf 'k1\\t1' >map/c", EINVAL);
	damaged("a key twice", IN "printf 'k\\t1\\nk\\t2\\n' >map/c", EINVAL);
	damaged("of another DAG", IN "sed -i 's/\td/\te/' plan", EINVAL);
	damaged("a huge plan", IN "rm -f plan; truncate -s 5G plan", EINVAL);
}

/* more plans than are kept, and all at once */
static void
plans(void)
{
	enum { RUNS = 70 };
	static struct run r[RUNS];
	char name[RUN_LEN + 1];
	struct spool sp;
	bool good = true;

	whole();
	sh("cd s/runs/d; for i in $(seq 2 71); do r=2026-01-01T0000Z-manual-$i;"
	    "mkdir $r; cp " RUN "/plan $r/plan; done");
	if (spool_open(&sp, "s", SPOOL_READ) < 0)
		exit(111);
	for (int look = 0; look < 2; look++) {
		for (int i = 0; i < RUNS; i++) {
			snprintf(name, sizeof name, RUN "-manual-%d", i + 2);
			good &= run_open(&sp, "d", name, &r[i]) == 0 &&
			    run_plan(&r[i], NULL) == 0 && run_in_place(&r[i]);
			if (look)
				run_close(&r[i]);
		}
		for (int i = 0; i < RUNS; i++)
			if (r[i].fd >= 0)
				run_close(&r[i]);
	}
	ok(good, "%d plans at once, and one after the other", RUNS);
	good = run_open(&sp, "..", RUN, &r[0]) < 0 && errno == ENOENT &&
	    run_open(&sp, "d", "x", &r[0]) < 0 && errno == ENOENT &&
	    run_open(&sp, "d", RUN RUN RUN RUN RUN, &r[0]) < 0 &&
	    errno == ENOENT;
	ok(good, "names of no runs");
	sp.shared = false;
	good = !spool_silly(&sp, ".nfs1");
	sp.shared = true;
	ok(good && spool_silly(&sp, ".nfs1") && !spool_silly(&sp, "a.ready"),
	    "what NFS keeps");
	sp.shared = false;
	if (run_open(&sp, "d", RUN, &r[0]) < 0)
		exit(111);
	sh("cd s/runs/d; mv " RUN " y; mkdir " RUN);
	ok(!run_in_place(&r[0]), "another is in its place");
	sh("rmdir s/runs/d/" RUN);
	ok(!run_in_place(&r[0]), "none is in its place");
	sh(">s/runs/d/y/w.waiting");
	ok(task_glimpse(&r[0], "w", STATE_SUCCESS) == STATE_WAITING &&
	    task_glimpse(&r[0], "b", STATE_RUNNING) == STATE_FAILED &&
	    task_glimpse(&r[0], "b", STATE_FAILED) == STATE_FAILED &&
	    task_glimpse(&r[0], "none", STATE_FAILED) == STATE_NONE &&
	    !r[0].err,
	    "tasks that have ended, or are not there");
	errno = 0;
	ok(task_state(&r[0], "none").state == STATE_NONE && errno == ENOENT,
	    "a task without a marker");
	run_close(&r[0]);
	spool_close(&sp);
}

/* which errors mean that a run is damaged, and which that the system fails */
static void
errors(void)
{
	static const int of_run[] = {EINVAL, ENOENT, ELOOP, ENOTDIR, EISDIR,
	    ENXIO, EBADMSG, EFBIG}, of_system[] = {EIO, ENOMEM, EMFILE};
	bool good = true;

	for (size_t i = 0; i < sizeof of_run / sizeof *of_run; i++)
		good &= run_damaged(of_run[i]);
	for (size_t i = 0; i < sizeof of_system / sizeof *of_system; i++)
		good &= !run_damaged(of_system[i]);
	ok(good, "what is damaged, and what is not");
}

/* in one that is only being made there are no runs */
static void
young(void)
{
	struct spool sp;
	struct run r;

	half();
	ok(spool_open(&sp, "s", SPOOL_READ) == 0 &&
	    run_open(&sp, "d", RUN, &r) < 0 && errno == ENOENT,
	    "a spool that is half made");
	spool_close(&sp);
}

int
main(void)
{
	static const enum spool_mode read = SPOOL_READ, write = SPOOL_WRITE;

	fail_enter();
	fail_sweep("a new spool", opened, &write, clear);
	fail_sweep("half a spool", opened, &write, half);
	fail_sweep("half a spool, read", opened, &read, half);
	whole();
	fail_sweep("a spool", opened, &write, NULL);
	fail_sweep("a run is looked at", looked, NULL, NULL);
	fail_sweep("runs are listed", listed, NULL, NULL);
	sh("rm -r s/runs/f");
	fail_sweep("more of them archived", listed, NULL, NULL);
	fail_sweep("a task moves", moved, NULL, whole);
	refusals();
	damages();
	plans();
	young();
	errors();
	clear();
	return tap_end();
}
