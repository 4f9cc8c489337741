/* parts: which names may be where in a spool, and what is in them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backfills.h"
#include "batch.h"
#include "io.h"
#include "outbox.h"
#include "partname.h"
#include "parts.h"
#include "rec.h"
#include "retire.h"

enum { TEXT_MAX = 64 << 20 };

/* is a file made of records of these kinds, whose IDs are, or begin with, its
 * name? 1, 0, -1 */
static int
records(int dir, const char *name, const char *kind, const char *other)
{
	struct buf text = BUF_INIT;
	enum rec_result got;
	struct rec r = {0};
	char *line, *end;
	size_t n = strlen(name);
	int x = io_read(dir, name, &text, TEXT_MAX);

	/* behind a NUL nothing is seen */
	if (x == 0)
		x = text.n > 0 && strlen(buf_cstr(&text)) == text.n;
	for (line = buf_cstr(&text); x > 0 && *line; line = end + 1) {
		end = line + strcspn(line, "\n");
		got = *end ? rec_parse(&r, line, (size_t)(end - line)) :
		    REC_BAD;
		x = got == REC_ERROR ? -1 : got == REC_OK &&
		    (strcmp(r.kind, kind) == 0 || strcmp(r.kind, other) == 0) &&
		    strncmp(r.id, name, n) == 0 &&
		    (r.id[n] == '\0' || r.id[n] == '/');
	}
	rec_free(&r);
	buf_free(&text);
	return x;
}

static int
sound_plan(struct spool *sp, int dir, const char *in, const char *name)
{
	int fd = io_open(dir, name, O_RDONLY | O_NONBLOCK, 0), x;
	struct plan p = {0};

	(void)sp;
	if (fd < 0)
		return -1;
	x = plan_read(&p, fd, NULL) < 0 ? -1 :
	    strcmp(p.dag, in + strlen("plans/")) == 0;
	close(fd);
	plan_free(&p);
	return x;
}

static int
sound_known(struct spool *sp, int dir, const char *in, const char *name)
{
	(void)sp;
	(void)in;
	return records(dir, name, "dag", "schedule");
}

static int
sound_backfill(struct spool *sp, int dir, const char *in, const char *name)
{
	struct backfills b = {NULL, 0};
	size_t lines = 0;
	struct buf text = BUF_INIT;
	int x;

	(void)in;
	x = records(dir, name, "backfill", "backfill");
	if (x > 0 && io_read(dir, name, &text, TEXT_MAX) == 0) {
		for (size_t i = 0; i < text.n; i++)
			lines += text.p[i] == '\n';
		x = backfills_read(sp, name, &b) < 0 ? -1 : b.n == lines;
	}
	buf_free(&text);
	backfills_free(&b);
	return x;
}

static int
sound_archive(struct spool *sp, int dir, const char *in, const char *name)
{
	char run[RUN_LEN + 1];

	(void)dir;
	snprintf(run, sizeof run, "%.*s", (int)(strlen(name) - 7), name);
	return retire_sound(sp, in + strlen("archive/"), run);
}

static int
sound_engine(struct spool *sp, int dir, const char *in, const char *name)
{
	(void)sp;
	(void)in;
	return records(dir, name, "engine", "engine");
}

static int
sound_batch(struct spool *sp, int dir, const char *in, const char *name)
{
	struct batch b;
	int x = batch_open(sp, name, &b);

	(void)in;
	if (x == 0)
		batch_close(&b);
	/* it may have been taken away meanwhile */
	if (x < 0 && errno == ENOENT && io_exists(dir, name) == 1)
		return 0;
	return x < 0 ? -1 : 1;
}

static int
sound_notice(struct spool *sp, int dir, const char *in, const char *name)
{
	struct buf text = BUF_INIT;
	struct rec r = {0};
	int x = outbox_read(sp, in, name, &text, &r);

	(void)dir;
	if (x == 0)
		x = text.p[text.n - 1] == '\n';
	rec_free(&r);
	buf_free(&text);
	return x;
}

enum kind {
	PLAIN,			/* a plain file with one link */
	LINKED,			/* a plain file, which may have more links */
	DIRECTORY,
	ANY,
};

#define OURS(like) "not a name of ours: " like " is"

/*
 * What may be in a directory, "plans", or in each that is in one, "plans/ *":
 * the first row whose name it is counts. With @ they are those of a run.
 */
static const struct part {
	const char *in;
	bool (*name)(const char *);
	enum kind kind;
	/* is what is in it sound? 1, 0, -1 and errno: damaged, gone, or else;
	 * and what is said of it, if not */
	int (*sound)(struct spool *, int dir, const char *in,
	    const char *name);
	const char *damaged;
	enum parts_mend mend;
	const char *foreign;	/* of the last row: what others are told */
} parts[] = {
	{"", spool_has, DIRECTORY, NULL, NULL, MEND_DIRECTORY,
	    "not a name of ours"},
	{"plans", partname_name, DIRECTORY, NULL, NULL, 0, OURS("DAG")},
	{"plans/*", partname_hash, LINKED, sound_plan,
	    "not a plan of this DAG", 0, OURS("HASH")},
	{"dags", partname_name, PLAIN, sound_known, "not records of this DAG",
	    MEND_KNOWN, OURS("DAG")},
	{"backfills", partname_name, PLAIN, sound_backfill,
	    "not records of this backfill", 0, OURS("NAME")},
	{"pools", partname_name, DIRECTORY, NULL, NULL, 0, OURS("POOL")},
	{"pools/*", partname_number, PLAIN, NULL, NULL, MEND_FILE,
	    OURS("a number")},
	{"history", partname_history, PLAIN, NULL, NULL, 0, OURS("DAG.tsv")},
	{"archive", partname_name, DIRECTORY, NULL, NULL, 0, OURS("DAG")},
	{"archive/*", partname_archive, PLAIN, sound_archive,
	    "not a run's archive, or damaged", MEND_SLOT, OURS("RUN.tar.gz")},
	{"workers", partname_worker, LINKED, NULL, NULL, 0, OURS("PID")},
	{"assets", partname_assets, PLAIN, NULL, NULL, 0, OURS("log")},
	{"gates", partname_gate, PLAIN, NULL, NULL, 0, OURS("DAG@RUN")},
	{"launch", partname_name, PLAIN, sound_engine,
	    "not a record of this engine", 0, NULL},
	{"launch", batch_name_ok, DIRECTORY, sound_batch, "not a batch", 0,
	    NULL},
	{"launch", partname_launchers, LINKED, NULL, NULL, 0,
	    OURS("NAME or NAME.ID")},
	{"launch/*", partname_any, LINKED, NULL, NULL, 0, NULL},
	{"outbox", partname_notice, PLAIN, sound_notice, "not a notice", 0,
	    OURS("DAG@RUN.TASK.N.EVENT")},
	{"undelivered", partname_notice, PLAIN, sound_notice, "not a notice", 0,
	    OURS("DAG@RUN.TASK.N.EVENT")},
	{"tmp", partname_built, ANY, NULL, NULL, 0, OURS("KIND.PID")},
};

static const struct part inner[] = {
	{"map", partname_list, LINKED, NULL, NULL, 0, OURS("TASK")},
	{"fate", partname_fate, LINKED, NULL, NULL, 0, OURS("TASK.N")},
	{"log", partname_log, PLAIN, NULL, NULL, 0, OURS("TASK.N")},
	{"out", partname_values, PLAIN, NULL, NULL, 0, OURS("TASK")},
	{"files", partname_values, DIRECTORY, NULL, NULL, 0, OURS("TASK")},
	{"files/*", partname_any, PLAIN, NULL, NULL, 0, NULL},
};

enum {
	PARTS = sizeof parts / sizeof *parts,
	INNER = sizeof inner / sizeof *inner,
	OTHERS_WRITE = 2,	/* of inner: the rest is for tasks to write */
	PATH_LEN = 3 * FILE_LEN,
};

struct look {
	struct spool *spool;
	const struct rights *rights;	/* of what is in the base */
	int base;		/* what paths begin at */
	const char *prefix;	/* the base's own path, with its slash, or "" */
	const struct part *part;
	size_t n;
	int (*found)(const struct parts_fault *, void *);
	void *arg;
};

/* the row of a name; NULL, and what is told of it */
static const struct part *
row_of(const struct look *l, const char *in, const char *name,
    const char **foreign)
{
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->part[i].in, in) != 0)
			continue;
		if (l->part[i].name(name))
			return &l->part[i];
		*foreign = l->part[i].foreign;
	}
	return NULL;
}

static const char *
kind_fault(const struct part *p, const struct stat *st)
{
	switch (p->kind) {
	case PLAIN:
		return S_ISREG(st->st_mode) && st->st_nlink <= 1 ? NULL :
		    "not a plain file with one link";
	case LINKED:
		return S_ISREG(st->st_mode) ? NULL : "not a plain file";
	case DIRECTORY:
		return S_ISDIR(st->st_mode) ? NULL : "not a directory";
	default:
		return NULL;
	}
}

/* are there rows for a directory? */
static bool
has_rows(const struct look *l, const char *in)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->part[i].in, in) == 0)
			return true;
	return false;
}

/* may it have any mode? What launchers and tasks leave, what is being built,
 * and what is not ours at all */
static bool
any_rights(const struct part *p, const char *name)
{
	return p->kind == ANY || p->name == partname_launchers ||
	    p->name == partname_any || p->name == partname_values ||
	    strcmp(name, "lost+found") == 0;
}

/* one name: is it as it should be? 1, or it is gone: 0; -1 and errno */
static int
look_at(struct look *l, const char *in, struct parts_fault *f, struct stat *st)
{
	const struct part *p = row_of(l, in, f->name, &f->what);
	struct rights lent = *f->rights;
	bool told;
	int x;

	if (fstatat(f->dir, f->name, st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	/* the log of a task that has a user is that one's */
	lent.owner = st->st_uid;
	if (!p)
		return !spool_silly(l->spool, f->name);
	f->mend = p->mend;
	f->what = kind_fault(p, st);
	if (f->what)
		return 1;
	if (!any_rights(p, f->name))
		f->what = rights_fault(p->name == partname_log ? &lent :
		    f->rights, st);
	told = f->what;
	if (told) {
		f->mend = MEND_RIGHTS;
		x = l->found(f, l->arg);
		f->what = NULL;
		f->mend = p->mend;
		if (x != 0)
			return -1;
	}
	if (!p->sound)
		return 1;
	x = p->sound(l->spool, f->dir, f->in, f->name);
	if (x < 0 && (errno == ENOENT || (errno == EACCES && told)))
		return 0;
	if (x < 0 && errno == EACCES) {
		f->what = "we cannot read it";
		f->mend = MEND_RIGHTS;
		return 1;
	}
	if (x < 0 && !run_damaged(errno))
		return -1;
	f->what = x > 0 ? NULL : p->damaged;
	return 1;
}

/* a directory beneath the base, and what is in it; in: its place in the table.
 * 0, what found has returned, or -1 */
static int
look_in(struct look *l, const char *in, const char *path,
    const struct rights *rights)
{
	char full[PATH_LEN], inside[FILE_LEN], next[PATH_LEN];
	int dir = io_open(l->base, path, O_RDONLY | O_DIRECTORY, 0), x = 0;
	struct rights here = *rights;
	struct parts_fault f;
	struct names names;
	struct stat st;

	/* what is none, or not for us, was told where it was seen */
	if (dir < 0)
		return run_damaged(errno) || errno == EACCES ? 0 : -1;
	/* the base itself: its rights are known */
	if (strcmp(path, ".") != 0 && fstat(dir, &st) == 0)
		here = rights_in(rights, &st);
	if (names_list(dir, ".", &names) < 0) {
		close(dir);
		return -1;
	}
	snprintf(full, sizeof full, "%s%s", l->prefix, *in ? path : "");
	snprintf(inside, sizeof inside, "%s/*", in);
	for (size_t i = 0; x == 0 && i < names.n; i++) {
		f = (struct parts_fault){.dir = dir, .in = full,
		    .name = names.name[i], .rights = &here};
		x = look_at(l, in, &f, &st);
		if (x > 0 && f.what)
			x = l->found(&f, l->arg);
		else if (x > 0 && has_rows(l, inside)) {
			snprintf(next, sizeof next, "%s/%s", path, f.name);
			x = look_in(l, inside, next, &here);
		} else if (x > 0)
			x = 0;
	}
	names_free(&names);
	close(dir);
	return x;
}

/* each directory that the table has first rows of */
static int
look_through(struct look *l)
{
	int x = 0;

	for (size_t i = 0; x == 0 && i < l->n; i++)
		if (!strchr(l->part[i].in, '/') && (i == 0 ||
		    strcmp(l->part[i].in, l->part[i - 1].in) != 0))
			x = look_in(l, l->part[i].in, *l->part[i].in ?
			    l->part[i].in : ".", l->rights);
	return x;
}

int
parts_look(struct spool *sp, int (*found)(const struct parts_fault *, void *),
    void *arg)
{
	struct rights rights;
	struct look l = {.spool = sp, .rights = &rights, .base = sp->fd,
	    .prefix = "", .part = parts, .n = PARTS, .found = found,
	    .arg = arg};

	return rights_begin(&rights, sp) < 0 ? -1 : look_through(&l);
}

int
parts_look_run(struct run *r, const struct rights *rights, bool ended,
    int (*found)(const struct parts_fault *, void *), void *arg)
{
	char prefix[FILE_LEN];
	struct look l = {.spool = r->spool, .rights = rights, .base = r->fd,
	    .prefix = prefix, .part = inner, .n = ended ? INNER : OTHERS_WRITE,
	    .found = found, .arg = arg};

	snprintf(prefix, sizeof prefix, "runs/%s/%s/", r->dag, r->name);
	return look_through(&l);
}
