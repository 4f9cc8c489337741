/* elsewhere: an archived run, again, in a spool of its own. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "elsewhere.h"
#include "ids.h"
#include "io.h"
#include "names.h"
#include "replay.h"

static bool
is_path(const char *s)
{
	size_t n = strlen(s);

	return n > 7 && strcmp(s + n - 7, ".tar.gz") == 0;
}

/* the archive of the one run that an ID stands for */
static int
open_id(const char *text, const char *dir)
{
	struct buf why = BUF_INIT;
	struct ids ids = IDS_INIT;
	char path[ARCHIVE_PATH];
	struct spool sp;
	int fd;

	prog_spool(&sp, dir, SPOOL_READ);
	if (ids_resolve(&sp, text, IDS_ARCHIVED, &ids, &why) != 0) {
		if (why.n == 0)
			prog_die_errno("%s", text);
		prog_die(EXIT_BAD, "%s: %s", text, buf_cstr(&why));
	}
	if (ids.n != 1 || !ids.id[0].run[0] || ids.id[0].task[0])
		prog_die(EXIT_BAD, "%s: one run is wanted, DAG/RUN", text);
	if (!ids.id[0].archived)
		prog_die(EXIT_BAD, "%s/%s: not archived; dagq --archive %s/%s "
		    "does that, once it has ended", ids.id[0].dag,
		    ids.id[0].run, ids.id[0].dag, ids.id[0].run);
	archive_path(path, ids.id[0].dag, ids.id[0].run);
	fd = io_open_file(sp.fd, path, O_RDONLY, 0);
	if (fd < 0)
		prog_die_errno("%s/%s", sp.path, path);
	ids_free(&ids);
	spool_close(&sp);
	return fd;
}

static int
open_archive(const struct elsewhere *e)
{
	struct stat st;
	int fd;

	if (!is_path(e->run))
		return open_id(e->run, e->spool);
	fd = open(e->run, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		prog_die(errno == ENOENT ? EXIT_BAD : EXIT_SYSTEM, "%s: %s",
		    e->run, strerror(errno));
	if (!S_ISREG(st.st_mode))
		prog_die(EXIT_BAD, "%s: not a regular file", e->run);
	return fd;
}

/* its tasks work where they did, if that is here, or where they are told to */
static void
place_work(const struct elsewhere *e, struct replay *r)
{
	const char *dir = rec_get(&r->rec, "dir");
	char real[PATH_MAX];
	struct stat st;

	if (e->workdir) {
		if (!realpath(e->workdir, real) || stat(real, &st) < 0)
			prog_die(EXIT_BAD, "--workdir %s: %s", e->workdir,
			    strerror(errno));
		if (replay_move(r, real) < 0)
			prog_die_errno("%s", e->run);
		dir = real;
	} else if (stat(dir, &st) < 0)
		prog_die(EXIT_BAD, "%s: its tasks worked in %s, which is not "
		    "here: --workdir DIR says where they are to", e->run, dir);
	if (!S_ISDIR(st.st_mode))
		prog_die(EXIT_BAD, "%s: not a directory", dir);
}

/* a directory that is new, or empty; malloc'ed */
static char *
make_directory(const char *into)
{
	const char *tmp = getenv("TMPDIR");
	struct names names;
	char *path;

	if (!into) {
		if (asprintf(&path, "%s/dagreplay.XXXXXX", tmp && *tmp ? tmp :
		    "/tmp") < 0 || !mkdtemp(path))
			prog_die_errno("%s", tmp && *tmp ? tmp : "/tmp");
		return path;
	}
	if (mkdir(into, 0700) < 0) {
		if (errno != EEXIST)
			prog_die_errno("--into %s", into);
		if (names_list(AT_FDCWD, into, &names) < 0)
			prog_die(EXIT_BAD, "--into %s: %s", into,
			    strerror(errno));
		if (names.n > 0)
			prog_die(EXIT_BAD, "--into %s: it is not empty", into);
		names_free(&names);
	}
	path = strdup(into);
	if (!path)
		prog_die_errno("%s", into);
	return path;
}

void
elsewhere_make(const struct elsewhere *e, struct foreground *f)
{
	struct buf why = BUF_INIT;
	struct replay r;
	char *dir, *words;
	int fd = open_archive(e);

	if (replay_read(&r, fd, &why) < 0)
		prog_die(errno == EBADMSG || errno == EINVAL ? EXIT_BAD :
		    EXIT_SYSTEM, "%s: %s", e->run, why.n ? buf_cstr(&why) :
		    strerror(errno));
	close(fd);
	place_work(e, &r);
	dir = make_directory(e->into);
	prog_spool(f->spool, dir, SPOOL_WRITE);
	if (prog_verbose >= 0 || !e->into)
		prog_warn("%s/%s: replayed in the spool %s", r.dag, r.name,
		    f->spool->path);
	if (asprintf(&words, "--spool %s ", f->spool->path) < 0 ||
	    replay_make(&r, f->spool, &why) < 0)
		prog_die(errno == EINVAL ? EXIT_BAD : EXIT_SYSTEM, "%s: %s",
		    e->run, why.n ? buf_cstr(&why) : strerror(errno));
	f->spool_words = words;
	memcpy(f->dag, r.dag, sizeof f->dag);
	memcpy(f->name, r.name, sizeof f->name);
	replay_free(&r);
	buf_free(&why);
	free(dir);
}
