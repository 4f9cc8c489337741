/* world: what a task sees: its command, environment and directory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "rec.h"
#include "words.h"
#include "world.h"

extern char **environ;

enum { VALUES_MAX = 1 << 20 };	/* larger ones are read from the file */

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

int
world_run_load(struct world_run *w, struct run *r)
{
	struct buf path = BUF_INIT, zone = BUF_INIT;
	struct rec rec = {0};
	const char *dir, *tz;
	int x = -1;

	*w = (struct world_run){0};
	if (run_plan(r, NULL) < 0 || run_record(r, &w->record) < 0)
		goto out;
	if (rec_parse(&rec, w->record.p, strcspn(buf_cstr(&w->record), "\n"))
	    != REC_OK || !(dir = rec_get(&rec, "dir"))) {
		errno = EINVAL;
		goto out;
	}
	w->dir = strdup(dir);
	put(&w->env, "DAG_NAME", r->dag);
	put(&w->env, "DAG_RUN", r->name);
	put_time(&w->env, "", rec_get(&rec, "time"));
	put_time(&w->env, "PREV_", rec_get(&rec, "prev"));
	put_time(&w->env, "NEXT_", rec_get(&rec, "next"));
	put_params(&w->env, &rec);
	put(&w->env, "DAG_SPOOL", r->spool->path);
	buf_fmt(&path, "%s/runs/%s/%s", r->spool->path, r->dag, r->name);
	put(&w->env, "DAG_RUNDIR", buf_cstr(&path));
	tz = plan_dag_get(r->plan, "timezone", &zone);
	if (tz)
		put(&w->env, "TZ", tz);
	errno = ENOMEM;
	x = !w->dir || w->env.err ? -1 : 0;
out:
	rec_free(&rec);
	buf_free(&path);
	buf_free(&zone);
	if (x < 0)
		world_run_free(w);
	return x;
}

void
world_run_free(struct world_run *w)
{
	int e = errno;

	buf_free(&w->env);
	buf_free(&w->record);
	free(w->dir);
	*w = (struct world_run){0};
	errno = e;
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

/* DAG_FROM_TASK_key, from what one upstream left: a list if there are many */
static int
put_values(struct buf *b, const struct run *r, uint32_t up)
{
	char task[TASK_LEN + 1], file[TASK_LEN + 8], *line, *next, *eq;
	struct buf text = BUF_INIT, one = BUF_INIT;
	int x;

	snprintf(file, sizeof file, "out/%s", plan_name(r->plan, up, task));
	x = io_read(r->fd, file, &text, VALUES_MAX);
	name_to_var(task, task, strlen(task));
	for (line = x < 0 ? NULL : buf_cstr(&text); line && *line;
	    line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		eq = strchr(line, '=');
		if (!eq || !name_ok(line, (size_t)(eq - line)))
			continue;
		*eq = '\0';
		name_to_var(line, line, (size_t)(eq - line));
		buf_reset(&one);
		buf_fmt(&one, "DAG_FROM_%s_%s=", task, line);
		/* once for all lines of that key */
		if (has(b, buf_cstr(&one)))
			continue;
		buf_str(&one, eq + 1);
		for (char *more = next, *end; more && *more; more = end) {
			size_t n = strlen(line);

			end = strchr(more, '\n');
			if (strcspn(more, "=\n") == n && more[n] == '=') {
				bool same = true;

				for (size_t i = 0; i < n; i++)
					same &= (more[i] == '-' ? '_' :
					    more[i]) == line[i];
				if (same) {
					buf_ch(&one, '\n');
					buf_add(&one, more + n + 1, end ?
					    (size_t)(end - more) - n - 1 :
					    strlen(more + n + 1));
				}
			}
			end = end ? end + 1 : NULL;
		}
		buf_add(b, buf_cstr(&one), one.n + 1);
	}
	buf_free(&text);
	buf_free(&one);
	return x < 0 && errno != ENOENT && errno != EFBIG ? -1 : 0;
}

static int
put_own(struct buf *b, const struct run *r, uint32_t task, unsigned attempt)
{
	const struct graph *g = &r->plan->graph;
	char name[TASK_LEN + 1], n[16];
	struct buf s = BUF_INIT;

	plan_name(r->plan, task, name);
	put(b, "DAG_TASK", name);
	snprintf(n, sizeof n, "%u", attempt);
	put(b, "DAG_ATTEMPT", n);
	buf_fmt(&s, "%s/%s/%s", r->dag, r->name, name);
	put(b, "DAG_ID", buf_cstr(&s));
	buf_reset(&s);
	buf_fmt(&s, "%s/runs/%s/%s/out/%s", r->spool->path, r->dag, r->name,
	    name);
	put(b, "DAG_OUT", buf_cstr(&s));
	buf_free(&s);
	for (uint32_t e = g->upat[task]; e < g->upat[task + 1]; e++)
		if (put_values(b, r, g->up[e]) < 0)
			return -1;
	return 0;
}

/* the whole environment, most special first; pointers into w->ptr */
static int
make_env(struct world *w, const struct world_run *wr, const struct run *r,
    uint32_t task, unsigned attempt, struct buf *why)
{
	struct buf *b = &w->text, v = BUF_INIT;
	const char *env = plan_get(r->plan, task, "env", &v);
	char **words = env ? words_split(env, NULL) : NULL;

	if (env && !words) {
		if (errno == EINVAL)
			buf_str(why, "env: a quote is not closed");
		buf_free(&v);
		return -1;
	}
	put(b, "PWD", w->dir);
	if (put_own(b, r, task, attempt) < 0) {
		free(words);
		buf_free(&v);
		return -1;
	}
	buf_add(b, wr->env.p, wr->env.n);
	for (size_t i = 0; words && words[i]; i++)
		if (strchr(words[i], '=') && !has(b, words[i]))
			buf_add(b, words[i], strlen(words[i]) + 1);
	free(words);
	buf_free(&v);
	for (char **e = environ; *e; e++)
		if (strncmp(*e, "DAG_", 4) != 0 && strncmp(*e, "TZ=", 3) &&
		    strncmp(*e, "OLDPWD=", 7) && !has(b, *e))
			buf_add(b, *e, strlen(*e) + 1);
	return b->err ? -1 : 0;
}

/*
 * May the shell be left out, and nobody can tell? Only plain words, the first
 * neither an assignment nor what sh knows itself (but true and false, which
 * do the same wherever they are).
 */
static bool
plain(const char *s)
{
	static const char *const builtin[] = {
		".", ":", "alias", "bg", "break", "case", "cd", "chdir",
		"command", "continue", "declare", "do", "done", "echo", "elif",
		"else", "esac", "eval", "exec", "exit", "export", "fc", "fg",
		"fi", "for", "function", "getopts", "hash", "if", "in", "jobs",
		"kill", "local", "printf", "pwd", "read", "readonly",
		"return", "select", "set", "shift", "source", "test", "then",
		"time", "times", "trap", "type", "ulimit", "umask", "unalias",
		"unset", "until", "wait", "while", NULL,
	};
	size_t first = strcspn(s, " \t");
	const char *c;

	if (s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_-+./,:@%= \t")] || memchr(s, '=', first))
		return false;
	for (size_t i = 0; (c = builtin[i]); i++)
		if (strlen(c) == first && memcmp(s, c, first) == 0)
			return false;
	return first > 0;
}

/* until all text is there, ptr holds places in it, not pointers */
static void
push(struct buf *ptr, size_t at)
{
	buf_add(ptr, &at, sizeof at);
}

static void
push_text(struct world *w, const char *s, size_t n)
{
	push(&w->ptr, w->text.n);
	buf_add(&w->text, s, n);
	buf_ch(&w->text, '\0');
}

static void
push_words(struct world *w, const char *s, const char *end)
{
	size_t n;

	for (; s < end; s += n) {
		s += strspn(s, " \t");
		n = strcspn(s, " \t\n");
		if (s >= end || n == 0)
			break;
		push_text(w, s, n);
	}
}

static int
make_argv(struct world *w, const struct run *r, uint32_t task,
    bool may_be_direct, struct buf *why)
{
	struct buf run = BUF_INIT, sh = BUF_INIT;
	const char *text = plan_get(r->plan, task, "run", &run);
	const char *shell = plan_get(r->plan, task, "shell", &sh);
	char **words;

	w->direct = false;
	w->script = NULL;
	if (text && text[0] == '#' && text[1] == '!') {
		push_words(w, text + 2, text + strcspn(text, "\n"));
		w->script_at = (unsigned)(w->ptr.n / sizeof(size_t));
		push_text(w, "", 0);
		push(&w->ptr, SIZE_MAX);
		push(&w->ptr, w->text.n);
		buf_str(&w->text, text);
		buf_ch(&w->text, '\0');
		w->script = "";
	} else if (text && may_be_direct && !shell && plain(text)) {
		push_words(w, text, text + strlen(text));
		w->direct = true;
	} else if (text) {
		words = words_split(shell ? shell : "sh -e", NULL);
		for (size_t i = 0; words && words[i]; i++)
			push_text(w, words[i], strlen(words[i]));
		free(words);
		push_text(w, "-c", 2);
		push_text(w, text, strlen(text));
	}
	if (!text || (w->script && w->script_at == 0)) {
		buf_str(why, text ? "run: \"#!\" without an interpreter" :
		    "no run");
		errno = EINVAL;
	}
	buf_free(&run);
	buf_free(&sh);
	return !text || (w->script && w->script_at == 0) ? -1 : 0;
}

/* turns the places in ptr into pointers: argv, [script], envp */
static int
point(struct world *w, size_t envp_at)
{
	struct buf out = BUF_INIT;
	size_t n = w->ptr.n / sizeof(size_t), at, i;
	char *p, *end;

	for (i = 0; i < n; i++) {
		memcpy(&at, w->ptr.p + i * sizeof at, sizeof at);
		if (at == SIZE_MAX) {
			memcpy(&at, w->ptr.p + (i + 1) * sizeof at, sizeof at);
			w->script = w->text.p + at;
			break;
		}
		p = w->text.p + at;
		buf_add(&out, &p, sizeof p);
	}
	p = NULL;
	buf_add(&out, &p, sizeof p);
	n = out.n / sizeof p;
	end = w->text.p + envp_at;
	for (p = w->text.p; p < end; p += strlen(p) + 1)
		buf_add(&out, &p, sizeof p);
	p = NULL;
	buf_add(&out, &p, sizeof p);
	buf_free(&w->ptr);
	w->ptr = out;
	if (out.err || w->text.err) {
		errno = ENOMEM;
		return -1;
	}
	w->argv = (char **)(void *)w->ptr.p;
	w->envp = w->argv + n;
	return 0;
}

static const char *
task_dir(const struct world_run *wr, const struct run *r, uint32_t task,
    struct buf *b)
{
	char name[TASK_LEN + 1], key[TASK_LEN + 16];
	struct rec rec = {0};
	const char *dir;

	/* only a task with a workdir of its own has one in the record */
	if (!plan_get(r->plan, task, "workdir", b))
		return wr->dir;
	snprintf(key, sizeof key, "workdir.%s",
	    plan_name(r->plan, task, name));
	dir = rec_parse(&rec, wr->record.p, strcspn(wr->record.p, "\n")) ==
	    REC_OK ? rec_get(&rec, key) : NULL;
	buf_reset(b);
	buf_str(b, dir ? dir : wr->dir);
	rec_free(&rec);
	return buf_cstr(b);
}

static int
make(struct world *w, const struct world_run *wr, const struct run *r,
    uint32_t task, unsigned attempt, struct buf *why)
{
	struct buf dir = BUF_INIT;
	size_t envp_at;
	int x;

	w->dir = task_dir(wr, r, task, &dir);
	x = make_env(w, wr, r, task, attempt, why);
	envp_at = w->text.n;
	if (x == 0)
		x = make_argv(w, r, task, true, why);
	if (x == 0)
		x = point(w, envp_at);
	if (x == 0)
		w->dir = world_getenv(w->envp, "PWD");
	buf_free(&dir);
	return x;
}

int
world_make(struct world *w, const struct world_run *wr, const struct run *r,
    uint32_t task, unsigned attempt, struct buf *why)
{
	*w = (struct world){0};
	if (make(w, wr, r, task, attempt, why) == 0)
		return 0;
	world_free(w);
	return -1;
}

void
world_free(struct world *w)
{
	int e = errno;

	buf_free(&w->text);
	buf_free(&w->ptr);
	*w = (struct world){0};
	errno = e;
}

int
world_through_shell(struct world *w, const struct run *r, uint32_t task)
{
	struct buf why = BUF_INIT;
	size_t end = 0;
	int x;

	for (char **e = w->envp; *e; e++)
		end += strlen(*e) + 1;
	w->text.n = end;
	buf_free(&w->ptr);
	x = make_argv(w, r, task, false, &why);
	buf_free(&why);
	if (x == 0)
		x = point(w, end);
	if (x == 0)
		w->dir = world_getenv(w->envp, "PWD");
	return x;
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
