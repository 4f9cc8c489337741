/* worldenv: the environment of a task. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "outdir.h"
#include "planmap.h"
#include "rec.h"
#include "upvalues.h"
#include "words.h"
#include "workdir.h"
#include "world.h"

extern char **environ;

/* adds NAME=VALUE to an environment text; the first of a name counts */
static void
put(struct buf *b, const char *name, const char *value)
{
	buf_str(b, name);
	buf_ch(b, '=');
	buf_add(b, value, strlen(value) + 1);
}

static void
put_time(struct buf *b, const char *what, const char *time)
{
	char name[32], date[16];

	if (!time)
		return;
	snprintf(name, sizeof name, "DAG_%sTIME", what);
	put(b, name, time);
	snprintf(name, sizeof name, "DAG_%sDATE", what);
	snprintf(date, sizeof date, "%.10s", time);
	put(b, name, date);
}

static void
put_params(struct buf *b, const struct rec *rec)
{
	char name[NAME_LEN + 16] = "DAG_PARAM_";
	const char *key;

	for (size_t i = 0; i < rec->nfield; i++) {
		key = rec->field[i].key;
		if (strncmp(key, "param.", 6) != 0 ||
		    !name_ok(key + 6, strlen(key + 6)))
			continue;
		name_to_var(name + 10, key + 6, strlen(key + 6));
		put(b, name, rec->field[i].value);
	}
}

/* is NAME=… in an environment text? */
static bool
has(const struct buf *env, const char *entry)
{
	size_t n = strcspn(entry, "=") + 1;

	for (const char *p = env->p; p < env->p + env->n; p += strlen(p) + 1)
		if (strncmp(p, entry, n) == 0)
			return true;
	return false;
}

/* may NAME=VALUE come from the environment of dagexec? Not what another task
 * was told, should it have been started by one, nor what is its own */
static bool
inherited(const char *e)
{
	return strncmp(e, "DAG_PATH=", 9) == 0 ||
	    strncmp(e, "DAG_NOW=", 8) == 0 ||
	    (strncmp(e, "DAG_", 4) != 0 && strncmp(e, "TZ=", 3) != 0 &&
	    strncmp(e, "PWD=", 4) != 0 && strncmp(e, "OLDPWD=", 7) != 0);
}

static int64_t
changed(const struct stat *st)
{
	return st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
}

int
world_run_load(struct world_run *w, struct run *r)
{
	struct buf zone = BUF_INIT;
	struct rec rec = {0};
	const char *dir, *tz;
	struct stat st;
	int x = -1;

	*w = (struct world_run){0};
	if (run_plan(r, NULL) < 0 ||
	    fstatat(r->fd, "run", &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    run_record(r, &w->record) < 0)
		goto out;
	w->ino = st.st_ino;
	w->changed = changed(&st);
	if (rec_parse(&rec, w->record.p, strcspn(buf_cstr(&w->record), "\n"))
	    != REC_OK || !(dir = rec_get(&rec, "dir"))) {
		errno = EINVAL;
		goto out;
	}
	w->dir = strdup(dir);
	w->open = workdir_open(r->plan);
	w->targets = target_any(r->plan);
	put(&w->env, "DAG_NAME", r->dag);
	put(&w->env, "DAG_RUN", r->name);
	put_time(&w->env, "", rec_get(&rec, "time"));
	put_time(&w->env, "PREV_", rec_get(&rec, "prev"));
	put_time(&w->env, "NEXT_", rec_get(&rec, "next"));
	put_params(&w->env, &rec);
	if (rec_get(&rec, "assets"))
		put(&w->env, "DAG_ASSETS", rec_get(&rec, "assets"));
	if (rec_get(&rec, "file"))
		put(&w->env, "DAG_FILE", rec_get(&rec, "file"));
	put(&w->env, "DAG_SPOOL", r->spool->path);
	buf_fmt(&w->env, "DAG_RUNDIR=%s/runs/%s/%s", r->spool->path, r->dag,
	    r->name);
	buf_ch(&w->env, '\0');
	tz = plan_dag_get(r->plan, "timezone", &zone);
	if (tz)
		put(&w->env, "TZ", tz);
	for (char **e = environ; *e; e++)
		if (inherited(*e) && !has(&w->env, *e) && !has(&w->rest, *e))
			buf_add(&w->rest, *e, strlen(*e) + 1);
	errno = ENOMEM;
	x = !w->dir || w->env.err || w->rest.err || zone.err ? -1 : 0;
out:
	rec_free(&rec);
	buf_free(&zone);
	if (x < 0)
		world_run_free(w);
	return x;
}

bool
world_run_fresh(const struct world_run *w, const struct run *r)
{
	struct stat st;

	return fstatat(r->fd, "run", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == w->ino && changed(&st) == w->changed;
}

void
world_run_free(struct world_run *w)
{
	int e = errno;

	buf_free(&w->env);
	buf_free(&w->rest);
	buf_free(&w->record);
	free(w->dir);
	*w = (struct world_run){0};
	errno = e;
}

/* the items of an instance */
static void
put_items(struct buf *b, const struct run *r, uint32_t task)
{
	struct buf v = BUF_INIT;
	char name[32] = "DAG_ITEM";
	const char *item;

	for (unsigned k = 0; (item = planmap_item(r->plan, task, k, &v));
	    k++) {
		if (k > 0)
			snprintf(name, sizeof name, "DAG_ITEM_%u", k + 1);
		put(b, name, item);
	}
	buf_free(&v);
}

static int
put_own(struct world *w, const struct run *r, uint32_t task, unsigned attempt,
    struct buf *why)
{
	const char *lent = w->lend ? w->lend->dir : NULL;
	struct buf *b = &w->text;
	char name[TASK_LEN + 1], file[FILE_LEN], n[16];

	plan_name(r->plan, task, name);
	put(b, "DAG_TASK", name);
	snprintf(n, sizeof n, "%u", attempt);
	put(b, "DAG_ATTEMPT", n);
	buf_fmt(b, "DAG_ID=%s/%s/%s", r->dag, r->name, name);
	buf_ch(b, '\0');
	outdir_name(file, r->spool, name, attempt);
	if (lent)
		buf_fmt(b, "DAG_OUT=%s/out", lent);
	else
		buf_fmt(b, "DAG_OUT=%s/runs/%s/%s/out/%s", r->spool->path,
		    r->dag, r->name, file);
	buf_ch(b, '\0');
	if (lent && outdir_wanted(r->plan, task)) {
		buf_fmt(b, "DAG_OUTDIR=%s/files", lent);
		buf_ch(b, '\0');
	} else if (outdir_wanted(r->plan, task)) {
		buf_fmt(b, "DAG_OUTDIR=%s/runs/%s/%s/files/%s", r->spool->path,
		    r->dag, r->name, file);
		buf_ch(b, '\0');
	}
	if (planmap_instance(r->plan, task))
		put_items(b, r, task);
	return upvalues_add(b, r, task, why);
}

/* where variables are looked for: what the task has so far, the rest */
struct scope {
	const struct buf *own, *rest;
};

static const char *
look_up(const char *name, size_t n, void *arg)
{
	const struct scope *s = arg;
	const char *v = expand_find(s->own, name, n);

	return v ? v : expand_find(s->rest, name, n);
}

/* env's words in their order: each finds those before it */
static int
put_words(struct buf *b, const char *env, const struct expand *x,
    struct buf *why)
{
	struct buf one = BUF_INIT, fault = BUF_INIT;
	char **words = words_split(env, NULL);
	int r = words ? 0 : -1;

	if (!words && errno == EINVAL)
		buf_str(&fault, "a quote is not closed");
	for (size_t i = 0; r == 0 && words[i]; i++) {
		if (!strchr(words[i], '=') || has(b, words[i]) ||
		    strncmp(words[i], "PWD=", 4) == 0)
			continue;
		buf_reset(&one);
		r = expand_text(&one, words[i], x, &fault);
		buf_ch(&one, '\0');
		if (r == 0)
			buf_add(b, one.p, one.n);
		if (one.err)
			b->err = one.err;
	}
	if (fault.n > 0)
		buf_fmt(why, "env: %s", buf_cstr(&fault));
	free(words);
	buf_free(&one);
	buf_free(&fault);
	return r;
}

/* the directory: where it is not as the run has it, of the plan and, if that
 * is needed, the environment */
static int
put_dir(struct buf *b, const struct world_run *wr, const struct run *r,
    uint32_t task, const struct expand *x, struct buf *why)
{
	struct buf v = BUF_INIT, dir = BUF_INIT;
	int n = 0;

	if (!wr->open && !plan_get(r->plan, task, "workdir", &v)) {
		put(b, "PWD", wr->dir);
	} else {
		n = workdir_of_task(r->plan, task, wr->dir, wr->record.p, x,
		    &dir, why);
		if (n == 0)
			put(b, "PWD", buf_cstr(&dir));
		if (dir.err)
			b->err = dir.err;
	}
	buf_free(&v);
	buf_free(&dir);
	return n;
}

/* its paths, and the stage */
static int
put_target(struct world *w, const struct run *r, uint32_t task,
    const struct expand *x, struct buf *why)
{
	char name[TASK_LEN + 1], id[FILE_LEN];
	const char *dir = expand_find(&w->text, "PWD", 3);
	struct target *t = &w->target;

	queue_file(id, r->dag, r->name, plan_name(r->plan, task, name));
	if (target_load(t, r->plan, task, dir ? dir : "/", id, x, why) < 0)
		return -1;
	w->told = w->text.n;
	if (t->outputs.n > 0)
		put(&w->text, "DAG_STAGE", t->stage.p);
	return 0;
}

int
world_env(struct world *w, const struct world_run *wr, const struct run *r,
    uint32_t task, unsigned attempt, struct buf *why)
{
	struct buf *b = &w->text, v = BUF_INIT;
	const char *env = plan_get(r->plan, task, "env", &v);
	struct scope scope = {b, &wr->rest};
	struct expand x = {look_up, &scope};
	int dir = put_dir(b, wr, r, task, NULL, why), n = dir;

	if (n >= 0)
		n = put_own(w, r, task, attempt, why);
	if (n == 0)
		buf_add(b, wr->env.p, wr->env.n);
	if (n == 0 && env)
		n = put_words(b, env, &x, why);
	if (n == 0 && dir == 1)
		n = put_dir(b, wr, r, task, &x, why);
	if (n == 0 && wr->targets)
		n = put_target(w, r, task, &x, why);
	if (n == 0 && w->lend)
		lend_environment(w->lend, b);
	if (n == 0 && !env && !w->lend)
		buf_add(b, wr->rest.p, wr->rest.n);
	for (const char *p = wr->rest.p; n == 0 && (env || w->lend) &&
	    p < wr->rest.p + wr->rest.n; p += strlen(p) + 1)
		if (!has(b, p) && (!w->lend || lend_passes(p)))
			buf_add(b, p, strlen(p) + 1);
	if (n >= 0 && (b->err || v.err)) {
		errno = b->err ? b->err : v.err;
		n = -1;
	}
	buf_free(&v);
	return n < 0 ? -1 : 0;
}

const char *
world_getenv(char *const *envp, const char *name)
{
	size_t n = strlen(name);

	for (; *envp; envp++)
		if (strncmp(*envp, name, n) == 0 && (*envp)[n] == '=')
			return *envp + n + 1;
	return NULL;
}
