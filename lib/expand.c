/* expand: $NAME and ${NAME} in a value, replaced from an environment; globs. */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "expand.h"
#include "words.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define DIGITS "0123456789"
#define SPECIAL "*?[]\\"

/*
 * The variable that a "$" at s begins: its name in *name and *n, and how many
 * bytes it takes in all. 0: it begins none; *fault, if it should.
 */
static size_t
variable(const char *s, const char **name, size_t *n, const char **fault)
{
	bool brace = s[1] == '{';

	*fault = NULL;
	*name = s + 1 + brace;
	*n = strspn(*name, LETTERS) ? strspn(*name, LETTERS DIGITS) : 0;
	if (!brace)
		return *n ? 1 + *n : 0;
	if (*n == 0)
		*fault = "no name of a variable after \"${\"";
	else if ((*name)[*n] != '}')
		*fault = "only ${NAME} is replaced here: after the name comes "
		    "\"}\"; what else there is, is the shell's";
	return *fault ? 0 : *n + 3;
}

bool
expand_any(const char *s)
{
	const char *name, *fault;
	size_t n;

	while ((s = strchr(s, '$')))
		if (variable(s++, &name, &n, &fault) > 0 || fault)
			return true;
	return false;
}

const char *
expand_fault(const char *s)
{
	const char *name, *fault;
	size_t n;

	while ((s = strchr(s, '$')))
		if (variable(s++, &name, &n, &fault) == 0 && fault)
			return fault;
	return NULL;
}

static void
put_literal(struct buf *out, const char *s, size_t n, bool pattern)
{
	for (size_t i = 0; i < n; i++) {
		if (pattern && strchr(SPECIAL, s[i]) && s[i])
			buf_ch(out, '\\');
		buf_ch(out, s[i]);
	}
}

/* what is written, replaced; as a pattern only what is written is special */
static int
put(struct buf *out, const char *s, const struct expand *x, bool pattern,
    struct buf *why)
{
	const char *name, *fault, *value;
	size_t n, used;

	for (; *s; s += used) {
		used = *s == '$' ? variable(s, &name, &n, &fault) : 0;
		if (used == 0 && *s == '$' && fault) {
			buf_str(why, fault);
			errno = EINVAL;
			return -1;
		}
		if (used == 0) {
			if (pattern && *s == '\\')
				buf_ch(out, '\\');
			buf_ch(out, *s);
			used = 1;
			continue;
		}
		value = x->get(name, n, x->arg);
		if (!value) {
			buf_fmt(why, "$%.*s is not set", (int)n, name);
			errno = EINVAL;
			return -1;
		}
		put_literal(out, value, strlen(value), pattern);
	}
	errno = out->err;
	return out->err ? -1 : 0;
}

int
expand_text(struct buf *out, const char *s, const struct expand *x,
    struct buf *why)
{
	return put(out, s, x, false, why);
}

/* appends the names that match; 1: none does */
static int
put_matches(struct buf *out, const char *pattern)
{
	glob_t g = {0};
	int r = glob(pattern, 0, NULL, &g);

	for (size_t i = 0; r == 0 && i < g.gl_pathc; i++)
		buf_add(out, g.gl_pathv[i], strlen(g.gl_pathv[i]) + 1);
	globfree(&g);
	errno = ENOMEM;
	return r == GLOB_NOSPACE ? -1 : r != 0;
}

int
expand_path(struct buf *out, const char *word, const char *dir, bool pattern,
    const struct expand *x, struct buf *why)
{
	struct buf path = BUF_INIT;
	int r = put(&path, word, x, pattern, why);

	if (r == 0 && buf_cstr(&path)[0] == '\0') {
		buf_str(why, "a path is empty");
		errno = EINVAL;
		r = -1;
	}
	if (r == 0 && path.p[0] != '/') {
		struct buf whole = BUF_INIT;

		put_literal(&whole, dir, strlen(dir), pattern);
		buf_ch(&whole, '/');
		buf_add(&whole, path.p, path.n);
		buf_free(&path);
		path = whole;
	}
	if (r == 0 && pattern)
		r = put_matches(out, buf_cstr(&path));
	else if (r == 0)
		buf_add(out, buf_cstr(&path), path.n + 1);
	if (r >= 0 && (path.err || out->err)) {
		errno = ENOMEM;
		r = -1;
	}
	buf_free(&path);
	return r;
}

int
expand_paths(struct buf *out, const char *list, const char *dir, bool glob,
    const struct expand *x, struct buf *why)
{
	char **word = words_split(list, NULL);
	int r = word ? 0 : -1;

	if (!word && errno == EINVAL)
		buf_str(why, "a quote is not closed");
	for (size_t i = 0; r == 0 && word[i]; i++) {
		r = glob && strpbrk(word[i], "*?[") ?
		    expand_path(out, word[i], dir, true, x, why) : 1;
		if (r == 1)
			r = expand_path(out, word[i], dir, false, x, why);
	}
	free(word);
	return r;
}

const char *
expand_find(const struct buf *env, const char *name, size_t n)
{
	for (const char *p = env->p; p < env->p + env->n; p += strlen(p) + 1)
		if (strncmp(p, name, n) == 0 && p[n] == '=')
			return p + n + 1;
	return NULL;
}
