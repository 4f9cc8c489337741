/* upvalues: what the tasks before a task left, as variables for it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "planmap.h"
#include "upvalues.h"

enum {
	VALUES_MAX = 1 << 20,	/* of a task; more are read from the file, */
	VALUE_MAX = 128 << 10,	/* and so is one that is longer: execve(2) */
};

/* a line: places in the text below */
struct line {
	size_t name, value;
	uint32_t up;		/* number of the upstream */
};

struct lines {
	struct line *line;
	size_t n, cap;
	struct buf text;	/* NAME=\0 and VALUE\0 of each */
};

static int
add(struct lines *l, const char *task, const char *key, size_t nkey,
    const char *value, uint32_t up)
{
	char var[NAME_LEN + 1];
	struct line *grown;

	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 64;
		grown = reallocarray(l->line, l->cap, sizeof *grown);
		if (!grown)
			return -1;
		l->line = grown;
	}
	name_to_var(var, key, nkey);
	l->line[l->n++] = (struct line){l->text.n, 0, up};
	buf_fmt(&l->text, "DAG_FROM_%s_%s=", task, var);
	buf_ch(&l->text, '\0');
	l->line[l->n - 1].value = l->text.n;
	buf_add(&l->text, value, strlen(value) + 1);
	errno = l->text.err;
	return l->text.err ? -1 : 0;
}

/* the lines of one task's file, which are those of the upstream */
static int
read_lines(struct lines *l, const struct run *r, uint32_t task,
    uint32_t upstream, uint32_t up, struct buf *why)
{
	char name[TASK_LEN + 1], file[TASK_LEN + 8], *line, *next, *eq;
	struct buf text = BUF_INIT;
	int x, e;

	snprintf(file, sizeof file, "out/%s", plan_name(r->plan, task, name));
	x = io_read(r->fd, file, &text, VALUES_MAX);
	if (x < 0 && (errno == ENOENT || errno == EFBIG)) {
		buf_free(&text);
		return 0;
	}
	e = errno;
	if (x < 0)
		buf_fmt(why, "%s: %s", file, strerror(e));
	plan_name(r->plan, upstream, name);
	name_to_var(name, name, strlen(name));
	buf_ch(&text, '\0');
	for (line = text.p; x == 0 && line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		eq = strchr(line, '=');
		if (eq && name_ok(line, (size_t)(eq - line)))
			x = add(l, name, line, (size_t)(eq - line), eq + 1,
			    up);
		if (x < 0)
			e = errno;
	}
	if (x == 0 && text.err) {
		e = text.err;
		x = -1;
	}
	buf_free(&text);
	errno = e;
	return x;
}

static int
by_name(const void *a, const void *b, void *text)
{
	const struct line *x = a, *y = b;
	const char *s = text;
	int c = strcmp(s + x->name, s + y->name);

	return c ? c : (x->name > y->name) - (x->name < y->name);
}

/* the lines of one name, from the first on: how many there are */
static size_t
put(struct buf *env, const struct lines *l, size_t first)
{
	const char *text = l->text.p, *name = text + l->line[first].name;
	size_t start = env->n, i;

	buf_str(env, name);
	for (i = first; i < l->n && strcmp(text + l->line[i].name, name) == 0;
	    i++) {
		if (l->line[i].up != l->line[first].up)
			continue;
		if (i > first)
			buf_ch(env, '\n');
		buf_str(env, text + l->line[i].value);
	}
	if (env->n - start < VALUE_MAX)
		buf_ch(env, '\0');
	else
		env->n = start;
	return i - first;
}

/* of a mapped one those that its instances left, in their order */
static int
read_upstream(struct lines *l, const struct run *r, uint32_t task,
    uint32_t up, struct buf *why)
{
	const struct graph *g = &r->plan->graph;
	int x = 0;

	if (!planmap_joint(r->plan, task))
		return read_lines(l, r, task, task, up, why);
	for (uint32_t e = g->upat[task]; x == 0 && e < g->upat[task + 1]; e++)
		if (!planmap_gone(r->plan, g->up[e]))
			x = read_lines(l, r, g->up[e], task, up, why);
	return x;
}

int
upvalues_add(struct buf *env, const struct run *r, uint32_t task,
    struct buf *why)
{
	const struct graph *g = &r->plan->graph;
	struct lines l = {0};
	int x = 0, e;

	for (uint32_t i = g->upat[task]; x == 0 && i < g->upat[task + 1]; i++)
		x = read_upstream(&l, r, g->up[i], i, why);
	e = errno;
	if (x == 0 && l.n)
		qsort_r(l.line, l.n, sizeof *l.line, by_name, l.text.p);
	for (size_t i = 0; x == 0 && i < l.n; i += put(env, &l, i))
		;
	free(l.line);
	buf_free(&l.text);
	errno = e;
	return x;
}
