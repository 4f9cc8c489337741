/*
 * failio: each call that fails while a file is written whole, locked, given a
 * line, synced; where a spool is, what names say.
 */
#include <signal.h>
#include <sys/resource.h>

#include "io.h"
#include "spool.h"

#include "fail.h"

/* a directory is made, in it a file, whole; byte 0 of that is locked */
static int
written(struct buf *out, const void *durable)
{
	int broken = 0, *sync = *(const bool *)durable ? &broken : NULL;
	struct buf b = BUF_INIT;
	int dir, fd = -1, x = -1, e;

	buf_str(&b, "text");
	dir = io_make_dir(AT_FDCWD, ".", "d", sync);
	if (dir >= 0 && io_write_file(dir, dir, "f", &b, sync) == 0)
		fd = io_open_file(dir, "f", O_RDWR, 0);
	buf_reset(&b);
	if (fd >= 0 && io_locked(fd, 0) == 0 && io_lock(fd, 0, false) == 0 &&
	    io_lock_wait(fd, 1, true) == 0 && io_unlock(fd, 0) == 0 &&
	    io_read(dir, "f", &b, 100) == 0)
		x = io_exists(dir, "f") - 1;
	e = errno;
	fail.on = false;
	buf_add(out, b.p, b.n);
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	buf_free(&b);
	errno = e;
	return x;
}

/* a file in a directory is looked at, and goes from name to name */
static int
moved(struct buf *out, const void *unused)
{
	static const struct timespec ts[2] = {{7, 0}, {7, 0}};
	struct stat st = {0};
	int x = -1, e;

	(void)unused;
	if (io_exists(AT_FDCWD, "m/f") == 1 &&
	    io_touch(AT_FDCWD, "m/f", ts) == 0 &&
	    io_stat(AT_FDCWD, "m/f", &st) == 0 &&
	    io_link(AT_FDCWD, "m/f", AT_FDCWD, "m/g") == 0 &&
	    io_replace(AT_FDCWD, "m/g", AT_FDCWD, "m/h") == 0 &&
	    io_place(AT_FDCWD, "m/h", AT_FDCWD, "m/i") == 0 &&
	    io_unlink(AT_FDCWD, "m/i") == 0)
		x = 0;
	e = errno;
	fail.on = false;
	buf_fmt(out, "%lld", (long long)st.st_mtime);
	errno = e;
	return x;
}

static void
file_to_move(void)
{
	if (system("rm -rf m; mkdir m; >m/f") != 0)
		exit(111);
}

/* what is in a directory, and whether there is anything */
static int
listed(struct buf *out, const void *dir)
{
	struct names l = {0};
	int any = names_any(AT_FDCWD, dir), e;

	if (any < 0 || names_list(AT_FDCWD, dir, &l) < 0)
		return -1;
	e = errno;
	fail.on = false;
	buf_fmt(out, "%d:", any);
	for (size_t i = 0; i < l.n; i++)
		buf_fmt(out, " %s", l.name[i]);
	names_free(&l);
	errno = e;
	return 0;
}

/* of those what is there, none where there is no such directory */
static void
lists(void)
{
	static const char *const dirs[] = {"l", "l/none", "l/x", "l/empty"};
	struct buf b = BUF_INIT;

	if (system("mkdir -p l/empty; >l/y; >l/x") != 0)
		exit(111);
	fail_sweep("names are listed", listed, "l", NULL);
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		if (listed(&b, dirs[i]) < 0)
			buf_fmt(&b, "%d", errno == ENOTDIR);
		buf_ch(&b, ';');
	}
	ok(strcmp(buf_cstr(&b), "1: empty x y;0:;1;0:;") == 0,
	    "names in them: %s", buf_cstr(&b));
	buf_free(&b);
}

static void
anew(void)
{
	if (system("rm -rf d") != 0)
		exit(111);
}

/* what is not there, in the way, or not a file of ours */
static void
strange(void)
{
	struct buf b = BUF_INIT;
	int fd;

	ok(io_open(AT_FDCWD, "none/x", O_RDONLY, 0) < 0 && errno == ENOENT &&
	    io_exists(AT_FDCWD, "none") == 0 &&
	    io_read(AT_FDCWD, "none", &b, 1) < 0 &&
	    io_make_dir(AT_FDCWD, "none", "d", false) < 0, "none is there");
	if (system("mkdir -p e; >e/f; ln -f e/f e/g; mkfifo e/p") != 0)
		exit(111);
	ok(io_open(AT_FDCWD, "e/../..", O_RDONLY, 0) < 0 && errno == EXDEV,
	    "what lies elsewhere, however often it is looked for");
	ok(io_open_file(AT_FDCWD, "e/f", O_RDONLY, 0) < 0 &&
	    errno == EBADMSG && io_open_file(AT_FDCWD, "e/p", O_RDONLY, 0) < 0
	    && errno == EBADMSG, "two links, a fifo");
	ok(io_read(AT_FDCWD, "e/p", &b, 1) < 0 && errno == EBADMSG &&
	    io_read(AT_FDCWD, "e", &b, 1) < 0 && errno == EISDIR,
	    "a fifo, a directory: nothing is read");
	if (system("truncate -s 9M e/holes") != 0)
		exit(111);
	ok(io_read(AT_FDCWD, "e/holes", &b, 1 << 20) < 0 && errno == EFBIG &&
	    io_read_text(AT_FDCWD, "e/holes", &b, 1 << 24) < 0 &&
	    errno == EBADMSG && b.n == 0, "one that is too large, with holes");
	ok(io_make_dir(AT_FDCWD, "e", "f", NULL) < 0 && errno == ENOTDIR,
	    "a file in place of a directory");
	fd = io_make_dir(AT_FDCWD, ".", "e", NULL);
	ok(fd >= 0, "a directory that is there");
	b.err = ENOMEM;
	ok(io_write_file(fd, fd, "x", &b, false) < 0 && errno == ENOMEM,
	    "a text that was lost");
	ok(io_exists(fd, "x") == 0, "is not written");
	close(fd);
	buf_free(&b);
}

/* a link on the way is not followed; one at the end is what is meant */
static void
linked(void)
{
	static const struct timespec ts[2];
	char far[600] = "e/";
	struct stat st;

	if (system("mkdir -p e; >e/f; ln -sfn e way; ln -sf none e/end") != 0)
		exit(111);
	ok(io_exists(AT_FDCWD, "way/f") < 0 && errno == ELOOP &&
	    io_stat(AT_FDCWD, "way/f", &st) < 0 && errno == ELOOP &&
	    io_unlink(AT_FDCWD, "way/f") < 0 && errno == ELOOP &&
	    io_touch(AT_FDCWD, "way/f", ts) < 0 && errno == ELOOP, "a link on "
	    "the way: looked at, removed");
	ok(io_link(AT_FDCWD, "way/f", AT_FDCWD, "x") < 0 && errno == ELOOP &&
	    io_replace(AT_FDCWD, "e/f", AT_FDCWD, "way/x") < 0 &&
	    errno == ELOOP && io_place(AT_FDCWD, "way/f", AT_FDCWD, "x") < 0 &&
	    errno == ELOOP, "a link on the way: moved");
	ok(io_exists(AT_FDCWD, "e/end") == 1 &&
	    io_stat(AT_FDCWD, "e/end", &st) == 0 && S_ISLNK(st.st_mode),
	    "a link at the end");
	memset(far + 2, 'x', sizeof far - 3);
	far[590] = '/';
	ok(io_unlink(AT_FDCWD, far) < 0 && errno == ENAMETOOLONG, "too far");
	ok(io_place(AT_FDCWD, "e/end", AT_FDCWD, "e/last") == 0 &&
	    io_unlink(AT_FDCWD, "e/last") == 0 &&
	    io_touch(AT_FDCWD, "way", ts) == 0 && io_unlink(AT_FDCWD, "way") ==
	    0 && io_exists(AT_FDCWD, "e/f") == 1, "itself is moved, removed");
}

static void
names(void)
{
	static const char *const queued[] = {"d@2026-01-01T0000Z.a",
	    "d@2026-01-01T0000Z.a+key", "d", "d@x", "-@2026-01-01T0000Z.a",
	    "d@x.a", "d@2026-01-01T0000Z.", "d@2026-01-01T0000Z.a+",
	    "d@2026-01-01T0000Z.+a",
	    "d@2026-01-01T0000Z2026-01-01T0000Z2026-01-01T0000Z-x.a"};
	static const char *const marker[] = {"a.failed", "a+k.running.7", "a",
	    ".failed", "a.none", "a.ready", "a.running", "a.failed.1",
	    "a.running.0", "a.running.x", "a+.failed"};
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	struct instance in;

	for (size_t i = 0; i < sizeof queued / sizeof *queued; i++)
		ok((queue_parse(queued[i], dag, run, task) == 0) == (i < 2),
		    "in queue/: %s", queued[i]);
	for (size_t i = 0; i < sizeof marker / sizeof *marker; i++)
		ok((marker_parse(marker[i], task, &in) == 0) == (i < 2),
		    "in a run: %s", marker[i]);
	ok(strcmp(state_name(STATE_NONE), "none") == 0 &&
	    strcmp(run_state_name(RUN_NONE), "none") == 0, "no state");
}

/* where the spool is, as that user, with that HOME; NULL: none is known */
static void
place(uid_t user, const char *home, const char *want)
{
	char *path;

	if (user && seteuid(user) < 0)
		return;
	unsetenv("HOME");
	if (home)
		setenv("HOME", home, 1);
	path = spool_path(NULL);
	ok(want ? path && strcmp(path, want) == 0 : !path && errno == ENOENT,
	    "the spool of %u in %s: %s", (unsigned)user, home ? home : "no "
	    "home", want ? want : "none");
	free(path);
	if (user && seteuid(0) < 0)
		exit(111);
}

static void
places(void)
{
	unsetenv("DAG_SPOOL");
	if (geteuid() == 0)
		place(0, "/root", "/var/spool/dag");
	place(geteuid() ? 0 : 65534, "/h", "/h/.local/state/dag");
	place(geteuid() ? 0 : 65534, "", NULL);
	place(geteuid() ? 0 : 65534, NULL, NULL);
	setenv("DAG_SPOOL", "", 1);
	place(geteuid() ? 0 : 65534, "/h", "/h/.local/state/dag");
	setenv("DAG_SPOOL", "s", 1);
	place(0, NULL, "s");
}

/* errors of write that are: the disk is full; nothing of a line stays */
static void
full(void)
{
	static const int errs[] = {ENOSPC, EDQUOT, EFBIG, EIO};
	struct buf b = BUF_INIT;
	struct rlimit all, some;
	int fd = open("line", O_RDWR | O_APPEND | O_CREAT | O_TRUNC, 0600), x;

	if (fd < 0 || marker_event(fd, "one", NULL, NULL) < 0)
		exit(111);
	for (size_t i = 0; i < sizeof errs / sizeof *errs; i++) {
		fail.err = errs[i];
		fail.at = 1;
		fail.n = 0;
		fail.forever = fail.on = true;
		x = marker_add(fd, "two", NULL, NULL);
		fail.on = false;
		ok(errs[i] == EIO ? x < 0 : x == 0 && errno == errs[i],
		    "a line: %s", strerror(errs[i]));
	}
	b.err = ENOMEM;
	ok(marker_event(fd, "two", &b, NULL) < 0 && errno == ENOMEM,
	    "a line whose fields were lost");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &all);
	for (int more = 1; more < 10000; more += 3000) {
		some = (struct rlimit){(rlim_t)lseek(fd, 0, SEEK_END) +
		    (rlim_t)more, all.rlim_max};
		buf_reset(&b);
		for (int i = 0; i < 12000; i++)
			buf_ch(&b, 'x');
		setrlimit(RLIMIT_FSIZE, &some);
		x = marker_event(fd, "three", &b, NULL);
		setrlimit(RLIMIT_FSIZE, &all);
		ok(x == 0 && (more > 7000 || lseek(fd, 0, SEEK_END) ==
		    (off_t)some.rlim_cur - more), "a line of which %d bytes "
		    "fit", more);
	}
	buf_free(&b);
	close(fd);
}

/* where a rename cannot refuse to replace, what is there is looked for */
static void
placed(void)
{
	if (system("mkdir r; echo a >r/a; echo b >r/b") != 0)
		exit(111);
	fail.err = EINVAL;
	fail.n = 0;
	fail.at = 1;
	fail.forever = true;
	fail.on = true;
	ok(io_place(AT_FDCWD, "r/a", AT_FDCWD, "r/b") < 0 && errno == EEXIST,
	    "placed: not over another");
	ok(io_place(AT_FDCWD, "r/a", AT_FDCWD, "r/c") == 0, "placed: where "
	    "nothing is");
	ok(io_place(AT_FDCWD, "r/a", AT_FDCWD, "r/d") < 0 && errno == ENOENT,
	    "placed: it is gone");
	ok(io_place(AT_FDCWD, "r/c", -1, "d") < 0 && errno == EBADF,
	    "placed: nowhere");
	fail.on = false;
	ok(io_exists(AT_FDCWD, "r/a") == 0 && io_exists(AT_FDCWD, "r/b") == 1 &&
	    io_exists(AT_FDCWD, "r/c") == 1, "placed: once");
}

/* of a file with a byte for each: who has one sees who else has */
static void
besides(void)
{
	int own = open("bytes", O_RDWR | O_CREAT, 0600), other, got;
	static const struct {
		off_t byte;
		bool ahead, behind;	/* are 1 and 9 beside it? */
	} cases[] = {{1, false, true}, {4, true, true}, {9, true, false}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		other = open("bytes", O_RDWR);
		got = io_lock(own, cases[i].byte, true) < 0 ? -1 :
		    io_locked_beside(own, cases[i].byte);
		ok(got == 0, "byte %d: alone", (int)cases[i].byte);
		got = io_lock(other, 1, true) < 0 ? -1 :
		    io_locked_beside(own, cases[i].byte);
		ok(got == cases[i].ahead, "byte %d: 1 is another's",
		    (int)cases[i].byte);
		io_unlock(other, 1);
		got = io_lock(other, 9, true) < 0 ? -1 :
		    io_locked_beside(own, cases[i].byte);
		ok(got == cases[i].behind, "byte %d: 9 is another's",
		    (int)cases[i].byte);
		close(other);
		io_unlock(own, cases[i].byte);
	}
	close(own);
	ok(io_locked_beside(own, 4) < 0 && errno == EBADF, "of no file");
}

/* a sync that fails is final; one that is not wanted is not made */
static void
syncs(void)
{
	struct buf b = BUF_INIT;
	struct spool sp;

	if (spool_open(&sp, "new", SPOOL_WRITE) < 0)
		exit(111);
	fail.err = EIO;
	fail.n = 0;
	fail.at = 1;
	fail.forever = false;
	sp.durable = false;
	fail.on = true;
	ok(spool_sync(&sp, sp.fd) == 0, "no sync: none fails");
	sp.durable = true;
	ok(spool_sync(&sp, sp.fd) < 0 && errno == EIO, "one that fails");
	fail.on = false;
	ok(spool_sync_all(&sp) < 0 && errno == EIO, "is the last one");
	errno = 0;
	ok(io_make_dir(sp.fd, ".", "queue", spool_durable(&sp)) < 0 &&
	    errno == EIO, "no directory is there after it");
	errno = 0;
	ok(io_write_file(sp.tmp, sp.fd, "f", &b, spool_durable(&sp)) < 0 &&
	    errno == EIO && io_exists(sp.fd, "f") == 0, "nor any file");
	spool_close(&sp);
}

int
main(void)
{
	fail_enter();
	fail_sweep("a file is written", written, &(bool){false}, anew);
	fail_sweep("a file is synced", written, &(bool){true}, anew);
	fail_sweep("a file is moved", moved, NULL, file_to_move);
	lists();
	strange();
	linked();
	names();
	full();
	placed();
	besides();
	syncs();
	places();
	return tap_end();
}
