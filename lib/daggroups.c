/* daggroups: the groups of a definition, and which tasks are in them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daggroups.h"
#include "lang.h"
#include "name.h"
#include "value.h"

static const char *
name_of(const struct daggroups *g, uint32_t group, size_t *n)
{
	const struct daglex_section *s = &g->lex->section[g->section[group]];

	*n = s->namelen;
	return g->lex->text + s->at;
}

uint32_t
daggroups_find(const struct daggroups *g, const char *name, size_t len)
{
	const char *other;
	uint32_t i;
	size_t n;

	for (i = 0; i < g->n; i++) {
		other = name_of(g, i, &n);
		if (n == len && memcmp(name, other, n) == 0)
			break;
	}
	return i;
}

/* the sections of groups, in the order of the file */
static void
number(struct daggroups *g)
{
	const struct daglex_section *s;
	uint32_t first, groups = g->n;
	size_t n;
	const char *name;

	g->n = 0;
	for (uint32_t i = 0; g->n < groups && i < g->lex->n; i++) {
		s = &g->lex->section[i];
		if (s->kind != LANG_GROUP)
			continue;
		g->section[g->n] = i;
		name = name_of(g, g->n, &n);
		first = daggroups_find(g, name, n);
		g->n++;
		if (first + 1 < g->n && !s->bad)
			dagerr_add(g->err, s->line, 1, "the group \"%.*s\" is "
			    "there twice, first in line %u", (int)n, name,
			    (unsigned)g->lex->section[g->section[first]].line);
	}
}

static void
unknown(struct daggroups *g, const struct dagtext_span *v)
{
	const char *near = NULL, *name;
	unsigned d, least = v->len / 3 + 2;
	char copy[NAME_LEN + 1], word[NAME_LEN + 1];
	uint32_t line, col;
	struct buf why = BUF_INIT;
	size_t n, nearlen = 0;

	memcpy(word, g->lex->text + v->at, v->len);
	word[v->len] = '\0';
	for (uint32_t i = 0; i < g->n; i++) {
		name = name_of(g, i, &n);
		memcpy(copy, name, n);
		copy[n] = '\0';
		d = name_distance(word, copy);
		if (d >= least)
			continue;
		least = d;
		near = name;
		nearlen = n;
	}
	buf_str(&why, "unknown group ");
	value_quote(&why, word, strlen(word));
	if (near)
		buf_fmt(&why, ", did you mean \"%.*s\"?", (int)nearlen, near);
	else
		buf_fmt(&why, ": there is no [group NAME] of that name");
	dagtext_place(g->lex->text, v, 0, &line, &col);
	dagerr_add(g->err, line, col, "%s", buf_cstr(&why));
	g->err->nomem |= why.err != 0;
	buf_free(&why);
}

/* the group that a task says it is in, or n */
static uint32_t
group_of(struct daggroups *g, const struct daglex_section *s)
{
	const struct dagtext_span *v;
	uint32_t found = g->n;
	const char *word;

	for (uint32_t i = s[0].first; i < s[1].first; i++) {
		v = &g->lex->value[i];
		if (v->key != LANG_GROUP_OF || v->len == 0)
			continue;
		word = g->lex->text + v->at;
		found = daggroups_find(g, word, v->len);
		/* what is no name is said where values are checked */
		if (found == g->n && name_ok(word, v->len))
			unknown(g, v);
	}
	return found;
}

static void
check_empty(struct daggroups *g, uint32_t tasks)
{
	const struct daglex_section *s;
	uint32_t t;

	for (uint32_t i = 0; i < g->n; i++) {
		for (t = 0; t < tasks && g->of[t] != i; t++)
			;
		s = &g->lex->section[g->section[i]];
		if (t == tasks && !s->bad)
			dagerr_add(g->err, s->line, 1, "no task is in the "
			    "group \"%.*s\": \"group = %.*s\" in a task says "
			    "that it is", s->namelen, g->lex->text + s->at,
			    s->namelen, g->lex->text + s->at);
	}
}

int
daggroups_init(struct daggroups *g, const struct daglex *lex,
    const uint32_t *task, uint32_t n, struct dagerr *err)
{
	*g = (struct daggroups){.lex = lex, .err = err};
	for (size_t i = 0; i < lex->n; i++)
		g->n += lex->section[i].kind == LANG_GROUP;
	if (g->n == 0) {
		for (size_t i = 0; i < lex->nvalue; i++)
			if (lex->value[i].key == LANG_GROUP_OF)
				goto some;
		return 0;
	}
some:
	g->section = calloc((size_t)g->n + 1, sizeof *g->section);
	g->told = calloc((size_t)g->n + 1, sizeof *g->told);
	g->of = calloc((size_t)n + 1, sizeof *g->of);
	g->inner = calloc((size_t)n + 1, sizeof *g->inner);
	if (!g->section || !g->told || !g->of || !g->inner)
		return -1;
	number(g);
	for (uint32_t t = 0; t < n; t++)
		g->of[t] = group_of(g, &lex->section[task[t]]);
	if (err->total == 0)
		check_empty(g, n);
	return 0;
}

void
daggroups_free(struct daggroups *g)
{
	free(g->section);
	free(g->told);
	free(g->of);
	free(g->inner);
	*g = (struct daggroups){0};
}
