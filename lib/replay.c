/* replay: an archived run, made again elsewhere from its archive alone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maker.h"
#include "params.h"
#include "pool.h"
#include "replay.h"
#include "tar.h"
#include "unpack.h"

enum { PIECE = 16384 };

struct reading {
	struct replay *r;
	struct buf *why;
};

static int
damaged(struct buf *why, const char *text)
{
	buf_reset(why);
	buf_str(why, text);
	errno = EBADMSG;
	return -1;
}

static int
keep(const struct tar_member *m, struct buf *b, size_t max, struct buf *why)
{
	char piece[PIECE];
	ssize_t n;

	if (b->n > 0)
		return damaged(why, "it has two plans, or two records");
	while ((n = tar_read(m, piece, sizeof piece)) > 0) {
		if (memchr(piece, '\0', (size_t)n))
			return damaged(why, "a NUL byte is in it");
		if (b->n + (size_t)n > max)
			return damaged(why, "its plan or record is too large");
		buf_add(b, piece, (size_t)n);
	}
	if (b->err)
		errno = ENOMEM;
	return n < 0 || b->err ? -1 : 0;
}

/* all members are RUN/PATH, of one run */
static int
member(const struct tar_member *m, void *arg)
{
	const struct reading *in = arg;
	struct replay *r = in->r;
	size_t n = strcspn(m->name, "/");
	const char *path = m->name + n + 1;

	if (!m->name[n] || n > RUN_LEN || (r->name[0] &&
	    (strncmp(m->name, r->name, n) != 0 || r->name[n])) ||
	    unpack_base(path) == SIZE_MAX)
		return damaged(in->why, "it is no archive of a run");
	snprintf(r->name, sizeof r->name, "%.*s", (int)n, m->name);
	if (strcmp(path, "plan") == 0)
		return keep(m, &r->plantext, PLAN_MAX, in->why);
	if (strcmp(path, "run") == 0)
		return keep(m, &r->record, RUN_MAX, in->why);
	return 0;
}

/* do name, plan and record belong together? */
static int
agree(struct replay *r, struct buf *why)
{
	char id[NAME_LEN + RUN_LEN + 2];

	if (r->plantext.n == 0 || r->record.n == 0 ||
	    run_name_parse(r->name, NULL, NULL, NULL) < 0)
		return damaged(why, "it is no archive of a run");
	if (plan_make(&r->plan, r->plantext.p, r->plantext.n, why) < 0)
		return -1;
	snprintf(r->dag, sizeof r->dag, "%s", r->plan.dag);
	snprintf(id, sizeof id, "%s/%s", r->dag, r->name);
	if (rec_parse(&r->rec, r->record.p, strcspn(buf_cstr(&r->record),
	    "\n")) != REC_OK || strcmp(r->rec.kind, "run") != 0 ||
	    strcmp(r->rec.id, id) != 0 || !rec_get(&r->rec, "dir"))
		return damaged(why, "the run's record is damaged");
	return params_check(&r->plan, &r->rec, why);
}

int
replay_read(struct replay *r, int fd, struct buf *why)
{
	struct reading in = {r, why};

	*r = (struct replay){.name = ""};
	return tar_each(fd, member, &in, why) < 0 ? -1 : agree(r, why);
}

/* takes r->rec from what was written anew */
static int
renewed(struct replay *r, struct buf *b)
{
	int x = b->err ? -1 : 0;

	buf_free(&r->record);
	r->record = *b;
	if (x == 0 && rec_parse(&r->rec, b->p, b->n - 1) != REC_OK)
		x = -1;
	if (x < 0)
		errno = ENOMEM;
	return x;
}

int
replay_move(struct replay *r, const char *dir)
{
	const char *key, *value, *old = rec_get(&r->rec, "dir");
	size_t n = strlen(old);
	struct buf b = BUF_INIT, path = BUF_INIT;

	rec_begin(&b, "run", r->rec.id);
	for (size_t i = 0; i < r->rec.nfield; i++) {
		key = r->rec.field[i].key;
		value = r->rec.field[i].value;
		buf_reset(&path);
		if ((strcmp(key, "dir") == 0 ||
		    strncmp(key, "workdir.", 8) == 0) &&
		    strncmp(value, old, n) == 0 &&
		    (!value[n] || value[n] == '/')) {
			buf_str(&path, dir);
			buf_str(&path, value + n);
			value = buf_cstr(&path);
		}
		rec_put(&b, key, value);
	}
	rec_end(&b);
	buf_free(&path);
	return renewed(r, &b);
}

/* a replay is created now, and there has been no rerun of it */
static int
forget(struct replay *r)
{
	struct buf b = BUF_INIT;

	rec_begin(&b, "run", r->rec.id);
	for (size_t i = 0; i < r->rec.nfield; i++)
		if (strcmp(r->rec.field[i].key, "created") != 0 &&
		    strcmp(r->rec.field[i].key, "definition") != 0)
			rec_put(&b, r->rec.field[i].key,
			    r->rec.field[i].value);
	rec_end(&b);
	return renewed(r, &b);
}

/* the pools of one task; a pool is as large as the hungriest wants it */
static int
make_pools(struct spool *sp, const char *spec)
{
	char name[NAME_LEN + 1];
	unsigned size, held;

	while (pool_missing(sp, spec, name) ||
	    pool_short(sp, spec, name, NULL, NULL)) {
		if (pool_count(sp, name, &size, &held) < 0 && errno != ENOENT)
			return -1;
		if (pool_resize(sp, name, size + 1, &held) < 0)
			return -1;
	}
	return 0;
}

static int
all_pools(struct replay *r, struct spool *sp)
{
	struct buf b = BUF_INIT;
	const char *spec;
	int x = 0;

	for (uint32_t t = 0; t < r->plan.n && x == 0; t++) {
		spec = plan_get(&r->plan, t, "pool", &b);
		if (spec)
			x = make_pools(sp, spec);
	}
	buf_free(&b);
	return x;
}

int
replay_make(struct replay *r, struct spool *sp, struct buf *why)
{
	char name[RUN_LEN + 1];
	struct maker m;
	int x, e;

	if (forget(r) < 0 || all_pools(r, sp) < 0 ||
	    maker_start(&m, sp, &r->plan, why) < 0)
		return -1;
	m.given = true;
	x = maker_add(&m, &r->rec, name, why);
	if (x == 0)
		errno = EEXIST;
	if (x == 1)
		x = maker_commit(&m);
	else
		x = -1;
	e = errno;
	if (maker_end(&m) < 0 && x == 0)
		return -1;
	errno = e;
	return x;
}

void
replay_free(struct replay *r)
{
	plan_free(&r->plan);
	rec_free(&r->rec);
	buf_free(&r->plantext);
	buf_free(&r->record);
}
