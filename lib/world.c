/* world: what a task sees: its command, environment and directory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "planmap.h"
#include "rec.h"
#include "words.h"
#include "world.h"

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

/* a word, so that sh takes it as it is */
static void
put_quoted(struct buf *b, const char *s)
{
	buf_ch(b, '\'');
	for (; *s; s++)
		if (*s == '\'')
			buf_str(b, "'\\''");
		else
			buf_ch(b, *s);
	buf_str(b, "' ");
}

/* NAME=VALUE lines; a name of ours is not taken from there */
static void
put_env_file(struct buf *b, const char *path)
{
	buf_str(b, "while IFS= read -r _dag || [ -n \"$_dag\" ]; do\n"
	    "case $_dag in\n'' | '#'*) ;;\nDAG_* | [!A-Za-z_]*) false ;;\n"
	    "*=*) export \"$_dag\" ;;\n*) false ;;\nesac || {\n"
	    "echo env-file: there is more than NAME=VALUE in it: ");
	put_quoted(b, path);
	buf_str(b, "; exit 127; }\ndone <");
	put_quoted(b, path);
	buf_str(b, "|| exit 127\n");
}

/* read where the task is, when it starts; it is in no memory of ours */
static void
put_secret(struct buf *b, const char *word)
{
	const char *from = strchr(word, '=');

	if (!from)
		return;
	buf_add(b, word, (size_t)(from - word));
	if (strncmp(from, "=file:", 6) == 0) {
		buf_str(b, "=$(cat <");
		put_quoted(b, from + 6);
	} else {
		buf_str(b, "=$(sh -c ");
		put_quoted(b, strchr(from, ':') ? strchr(from, ':') + 1 : "");
	}
	buf_str(b, ") || exit 127\nexport ");
	buf_add(b, word, (size_t)(from - word));
	buf_ch(b, '\n');
}

static void
put_condition(struct buf *b, const char *condition, char *const *shell)
{
	for (size_t i = 0; shell && shell[i]; i++)
		put_quoted(b, shell[i]);
	buf_str(b, "-c ");
	put_quoted(b, condition);
	buf_str(b, "\n_dag=$?\ncase $_dag in\n0) ;;\n"
	    "1) echo 'skipped: if said 1'; exit 99 ;;\n"
	    "75 | 99) exit 1 ;;\n*) exit $_dag ;;\nesac\n");
}

/* does nothing come before its command? */
static bool
bare(const struct run *r, uint32_t task)
{
	static const char *const keys[] = {"if", "env-file", "secret"};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (plan_has(r->plan, task, keys[i]))
			return false;
	return true;
}

/*
 * What comes before the command: a shell that does it, and then becomes the
 * command itself, so that all of it is one process, one log, one time limit.
 * False: there is nothing.
 */
static bool
push_before(struct world *w, const struct run *r, uint32_t task,
    char *const *shell)
{
	static const char *const keys[] = {"env-file", "secret"};
	struct buf b = BUF_INIT, v = BUF_INIT;
	const char *s;
	char **words;
	bool any;

	for (int k = 0; k < 2; k++) {
		s = plan_get(r->plan, task, keys[k], &v);
		words = s ? words_split(s, NULL) : NULL;
		if (v.err || (s && !words))
			b.err = ENOMEM;
		for (size_t i = 0; words && words[i]; i++)
			(k ? put_secret : put_env_file)(&b, words[i]);
		free(words);
	}
	s = plan_get(r->plan, task, "if", &v);
	if (v.err)
		b.err = ENOMEM;
	if (s)
		put_condition(&b, s, shell);
	if (b.n > 0) {
		buf_str(&b, "exec \"$@\"");
		push_text(w, "sh", 2);
		push_text(w, "-c", 2);
		push_text(w, buf_cstr(&b), b.n);
		push_text(w, "before", 6);
	}
	if (b.err)
		w->text.err = ENOMEM;
	any = b.n > 0;
	buf_free(&b);
	buf_free(&v);
	return any;
}

static int
make_argv(struct world *w, const struct run *r, uint32_t task,
    bool may_be_direct, struct buf *why)
{
	struct buf run = BUF_INIT, sh = BUF_INIT;
	const char *text = plan_get(r->plan, task, "run", &run);
	const char *shell = plan_get(r->plan, task, "shell", &sh);
	char **words = NULL;

	w->direct = text && may_be_direct && !shell && plain(text);
	w->script = NULL;
	if (!w->direct || !bare(r, task))
		words = words_split(shell ? shell : "sh -e", NULL);
	if (run.err || sh.err || (!words && !(w->direct && bare(r, task))))
		w->text.err = ENOMEM;
	if (words && push_before(w, r, task, words))
		w->direct = false;
	if (text && text[0] == '#' && text[1] == '!') {
		push_words(w, text + 2, text + strcspn(text, "\n"));
		w->script_at = (unsigned)(w->ptr.n / sizeof(size_t));
		push_text(w, "", 0);
		push(&w->ptr, SIZE_MAX);
		push(&w->ptr, w->text.n);
		buf_str(&w->text, text);
		buf_ch(&w->text, '\0');
		w->script = "";
	} else if (w->direct) {
		push_words(w, text, text + strlen(text));
	} else if (text) {
		for (size_t i = 0; words && words[i]; i++)
			push_text(w, words[i], strlen(words[i]));
		push_text(w, "-c", 2);
		push_text(w, text, strlen(text));
	}
	if (w->text.err)
		errno = ENOMEM;
	else if (!text || (w->script && w->script_at == 0)) {
		buf_str(why, text ? "run: \"#!\" without an interpreter" :
		    "no run");
		errno = EINVAL;
	}
	free(words);
	buf_free(&run);
	buf_free(&sh);
	return w->text.err || !text || (w->script && w->script_at == 0) ?
	    -1 : 0;
}

/* turns the places in ptr into pointers: argv, [script], envp */
static int
point(struct world *w, size_t envp_at)
{
	struct buf out = BUF_INIT;
	size_t n = w->ptr.n / sizeof(size_t), at, i;
	bool short_of = w->ptr.err;
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
	if (out.err || w->text.err || short_of) {
		errno = ENOMEM;
		return -1;
	}
	w->argv = (char **)(void *)w->ptr.p;
	w->envp = w->argv + n;
	return 0;
}

static int
make(struct world *w, const struct world_run *wr, const struct run *r,
    uint32_t task, unsigned attempt, struct buf *why)
{
	size_t envp_at;
	int x;

	x = world_env(w, wr, r, task, attempt, why);
	w->command = envp_at = w->text.n;
	if (x == 0)
		x = make_argv(w, r, task, true, why);
	if (x == 0)
		x = point(w, envp_at);
	if (x == 0)
		w->dir = world_getenv(w->envp, "PWD");
	return x;
}

int
world_make(struct world *w, const struct world_run *wr, const struct run *r,
    uint32_t task, unsigned attempt, struct buf *why)
{
	*w = (struct world){.lend = w->lend};
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
	target_free(&w->target);
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
