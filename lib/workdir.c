/* workdir: the directory that a task is in. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "planmap.h"
#include "rec.h"
#include "workdir.h"

static void
join(struct buf *path, const char *dir)
{
	if (*dir == '/')
		buf_reset(path);
	else
		buf_ch(path, '/');
	buf_str(path, dir);
}

/* the directory, as links are now: malloc'ed */
char *
workdir_of_dag(const struct plan *p)
{
	struct buf b = BUF_INIT, path = BUF_INIT;
	const char *file, *dir, *slash;
	char *resolved;

	file = plan_dag_get(p, "file", &b);
	slash = file ? strrchr(file, '/') : NULL;
	if (slash)
		buf_add(&path, file, slash == file ? 1 :
		    (size_t)(slash - file));
	else
		buf_str(&path, ".");
	dir = plan_dag_get(p, "workdir", &b);
	if (dir && !expand_any(dir))
		join(&path, dir);
	buf_ch(&path, '\0');
	resolved = path.err || b.err ? NULL : realpath(path.p, NULL);
	if (path.err || b.err)
		errno = ENOMEM;
	else if (!resolved && errno == ENOENT)
		resolved = strdup(path.p);
	buf_free(&b);
	buf_free(&path);
	return resolved;
}

bool
workdir_open(const struct plan *p)
{
	struct buf b = BUF_INIT;
	const char *dir = plan_dag_get(p, "workdir", &b);
	/* should memory fail, who asks again then is told */
	bool open = b.err || (dir && expand_any(dir));

	buf_free(&b);
	return open;
}

void
workdir_put(const struct plan *p, const char *dir, struct buf *b)
{
	char task[NAME_LEN + 1], key[NAME_LEN + 16], *real;
	struct buf v = BUF_INIT, path = BUF_INIT;
	bool open = workdir_open(p);
	const char *own;

	if (!memmem(p->text, p->size, "\tworkdir=", 9))
		return;
	for (uint32_t t = 0; t < p->n; t++) {
		own = plan_get(p, t, "workdir", &v);
		if (!own || expand_any(own) || (open && *own != '/'))
			continue;
		buf_reset(&path);
		buf_str(&path, dir);
		join(&path, own);
		real = realpath(buf_cstr(&path), NULL);
		snprintf(key, sizeof key, "workdir.%s", plan_name(p, t, task));
		rec_put(b, key, real ? real : buf_cstr(&path));
		free(real);
		if (path.err)
			b->err = path.err;
	}
	if (v.err)
		b->err = v.err;
	buf_free(&v);
	buf_free(&path);
}

/* is it in the record, resolved? then it is in out */
static bool
kept(const struct plan *p, uint32_t task, const char *record, struct buf *out)
{
	char name[NAME_LEN + 1], key[NAME_LEN + 16];
	struct rec rec = {0};
	enum rec_result x = rec_parse(&rec, record, strcspn(record, "\n"));
	const char *dir;

	snprintf(key, sizeof key, "workdir.%s", plan_name(p,
	    planmap_of(p, task), name));
	dir = x == REC_OK ? rec_get(&rec, key) : NULL;
	if (x == REC_ERROR)
		out->err = ENOMEM;
	if (dir)
		buf_str(out, dir);
	rec_free(&rec);
	return dir != NULL;
}

static int
add(struct buf *out, const char *dir, const struct expand *env,
    struct buf *why)
{
	struct buf b = BUF_INIT, fault = BUF_INIT;
	int x = dir ? expand_text(&b, dir, env, &fault) : 0;

	if (dir && x == 0)
		join(out, buf_cstr(&b));
	if (b.err)
		out->err = b.err;
	if (fault.n > 0)
		buf_fmt(why, "workdir: %s", buf_cstr(&fault));
	buf_free(&b);
	buf_free(&fault);
	return x;
}

int
workdir_of_task(const struct plan *p, uint32_t task, const char *dir,
    const char *record, const struct expand *env, struct buf *out,
    struct buf *why)
{
	struct buf b = BUF_INIT, d = BUF_INIT;
	const char *own = plan_get(p, task, "workdir", &b);
	const char *all = plan_dag_get(p, "workdir", &d);
	bool open = all && expand_any(all);
	int x = 0;

	if (own && kept(p, task, record, out)) {
		/* resolved when the run was made */
	} else if (!env && (open || (own && expand_any(own)))) {
		x = 1;
	} else {
		buf_str(out, dir);
		if (open)
			x = add(out, all, env, why);
		if (x == 0 && env)
			x = add(out, own, env, why);
	}
	if (b.err || d.err || out->err) {
		errno = ENOMEM;
		x = -1;
	}
	buf_free(&b);
	buf_free(&d);
	return x;
}
