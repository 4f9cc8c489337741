/* dagfile: opens a DAG file, or runs it, and compiles what it says. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dagcompile.h"
#include "dagerr.h"
#include "dagfile.h"
#include "dagpath.h"
#include "dagprog.h"
#include "dagtext.h"
#include "hash.h"
#include "name.h"
#include "rec.h"

struct source {
	const char *path;	/* as it was given */
	char *file;		/* absolute */
	char dag[NAME_LEN + 1];
	bool program;
	struct buf text;
	struct stat st;
	struct dagerr err;
};

/* errors that are of the file, not of the system */
static bool
is_bad_file(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case EACCES:
	case EPERM:
	case ELOOP:
	case ENAMETOOLONG:
	case ENXIO:
	case ENODEV:
		return true;
	default:
		return false;
	}
}

/* the file's text is what it prints; 0, 1 with an error, or -1 */
static int
read_program(struct source *s, int fd)
{
	struct buf why = BUF_INIT;
	int r;

	r = dagprog_read(s->file, fd, &s->text, &why);
	if (r > 0)
		dagerr_add(&s->err, 0, 0, "%s", buf_cstr(&why));
	buf_free(&why);
	s->program = r == 0;
	return r;
}

/* fills s->text; 0, 1 with an error, or -1 */
static int
read_fd(struct source *s, int fd)
{
	const struct stat *st = &s->st;

	if (fstat(fd, &s->st) < 0)
		return -1;
	if (!S_ISREG(st->st_mode)) {
		dagerr_add(&s->err, 0, 0, S_ISDIR(st->st_mode) ?
		    "it is a directory" : "it is not a regular file");
		return 1;
	}
	if (dagprog_is(fd, st))
		return read_program(s, fd);
	if (st->st_size <= DAGTEXT_MAX) {
		if (buf_need(&s->text, (size_t)st->st_size + 4096) < 0)
			return -1;
		if (buf_read_file(&s->text, fd, (size_t)st->st_size,
		    DAGTEXT_MAX) == 0)
			return 0;
		if (errno != EFBIG)
			return -1;
	}
	dagerr_add(&s->err, 0, 0, "the file is larger than 256 MiB");
	return 1;
}

static int
read_file(struct source *s)
{
	int fd, r, saved;

	fd = open(s->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		if (!is_bad_file(errno))
			return -1;
		dagerr_add(&s->err, 0, 0, "%s", strerror(errno));
		return 1;
	}
	r = read_fd(s, fd);
	saved = errno;
	close(fd);
	errno = saved;
	return r;
}

/* a script without its execute bit is read as a definition: say so */
static void
hint_program(struct source *s, bool script)
{
	if (script && !s->program && s->err.total > 0)
		dagerr_add(&s->err, 1, 1, "it begins with #!, but is not "
		    "executable, and so is no program");
}

static void
put_mark(const struct source *s, struct dagfile_mark *mark)
{
	mark->st = s->st;
	mark->sum = s->program ? 0 : hash_add(HASH_EMPTY, s->text.p, s->text.n);
}

static int
compile(struct source *s, struct dagfile_mark *mark, struct buf *out)
{
	bool script;
	int r;

	if (dagpath_name(s->path, s->dag) < 0) {
		memcpy(s->dag, "?", 2);
		dagerr_add(&s->err, 0, 0, "the file is not called NAME.dag, "
		    "with a NAME of letters, digits, \"_\" and \"-\", at most "
		    "64, not beginning with \"-\"");
		return 0;
	}
	s->file = dagpath_absolute(s->path);
	if (!s->file)
		return -1;
	r = read_file(s);
	if (r != 0)
		return r;
	if (s->text.n == 0) {
		dagerr_add(&s->err, 0, 0, s->program ? "it printed nothing" :
		    "the file is empty");
		return 1;
	}
	/* compiling writes into it */
	if (mark)
		put_mark(s, mark);
	script = s->text.n > 2 && memcmp(s->text.p, "#!", 2) == 0;
	r = dagcompile(s->dag, s->file, &s->text, out, &s->err);
	hint_program(s, script);
	return r;
}

/* the errors as records; what a program printed is not the file itself */
static int
put_errors(const struct source *s, struct buf *errs)
{
	struct buf label = BUF_INIT;
	int r;

	buf_str(&label, s->path);
	if (s->program)
		buf_str(&label, " (its output)");
	r = dagerr_put(&s->err, s->dag, buf_cstr(&label), errs);
	if (label.err) {
		errno = label.err;
		r = -1;
	}
	buf_free(&label);
	return r;
}

int
dagfile_compile(const char *path, struct buf *out, struct buf *errs)
{
	return dagfile_read(path, NULL, out, errs);
}

int
dagfile_read(const char *path, struct dagfile_mark *mark, struct buf *out,
    struct buf *errs)
{
	struct source s = {.path = path};
	int r, saved;

	r = compile(&s, mark, out);
	saved = errno;

	if (r >= 0 && s.err.total > 0) {
		r = put_errors(&s, errs) < 0 ? -1 : 1;
		saved = errno;
	}
	free(s.file);
	buf_free(&s.text);
	dagerr_free(&s.err);
	errno = saved;
	return r;
}

/* "file:line:col: text", of a record */
static int
format_error(const struct rec *r, struct buf *message)
{
	const char *file = rec_get(r, "file"), *line = rec_get(r, "line");
	const char *col = rec_get(r, "col"), *text = rec_get(r, "text");

	buf_reset(message);
	buf_str(message, file ? file : r->id);
	if (line)
		buf_fmt(message, ":%s", line);
	if (line && col)
		buf_fmt(message, ":%s", col);
	buf_fmt(message, ": %s", text ? text : "an error");
	buf_cstr(message);
	return message->err ? -1 : 1;
}

int
dagfile_error(const struct buf *errs, size_t *at, struct buf *message)
{
	struct rec rec = {0};
	const char *line, *nl;
	int r = 0;

	while (r == 0 && *at < errs->n) {
		line = errs->p + *at;
		nl = memchr(line, '\n', errs->n - *at);
		if (!nl)
			break;
		*at += (size_t)(nl - line) + 1;
		switch (rec_parse(&rec, line, (size_t)(nl - line))) {
		case REC_OK:
			if (strcmp(rec.kind, "error") == 0)
				r = format_error(&rec, message);
			break;
		case REC_ERROR:
			r = -1;
			break;
		default:
			break;
		}
	}
	rec_free(&rec);
	return r;
}
