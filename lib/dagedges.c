/* dagedges: the names of a definition's tasks, and the edges between them. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dagedges.h"
#include "graph.h"
#include "lang.h"
#include "name.h"
#include "value.h"
#include "words.h"

enum {
	GUESSES = 100000000,	/* letters compared to guess names, a file */
	CYCLES = 10,		/* cycles that are reported, at most */
	AFTER = 0,		/* number of that key in lang_keys */
};

static const struct daglex_section *
section_of(const struct dagedges *e, uint32_t task)
{
	return &e->lex->section[e->section[task]];
}

static const char *
name_of(const struct dagedges *e, uint32_t task, size_t *n)
{
	const struct daglex_section *s = section_of(e, task);

	*n = s->namelen;
	return e->lex->text + s->at;
}

/* '-' is as '_': names that are the same as variables fall together */
static char
fold(char c)
{
	return c == '-' ? '_' : c;
}

static bool
same_variable(const char *a, const char *b, size_t n)
{
	if (memcmp(a, b, n) == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

/* FNV-1, not 1a: names that differ at their end only are neighbours */
static uint32_t
hash(const char *name, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < n; i++)
		h = h * 0x100000001b3 ^ (unsigned char)fold(name[i]);
	return (uint32_t)(h ^ h >> 32);
}

/* the place in the table of a name, or of one that is the same as a variable */
static struct dagedges_slot *
slot(const struct dagedges *e, const char *name, size_t n, uint32_t h)
{
	struct dagedges_slot *s;
	const char *other;
	size_t len;

	for (uint32_t i = h & e->mask;; i = (i + 1) & e->mask) {
		s = &e->table[i];
		if (s->task == 0)
			return s;
		if (s->hash != h)
			continue;
		other = name_of(e, s->task - 1, &len);
		if (len == n && same_variable(other, name, n))
			return s;
	}
}

/* puts a task into the hash table, or says why not */
static void
enter(struct dagedges *e, uint32_t task)
{
	const struct daglex_section *s = section_of(e, task), *first;
	const char *name, *other;
	struct dagedges_slot *in;
	uint32_t h;
	size_t n;

	if (s->bad)
		return;
	name = name_of(e, task, &n);
	h = hash(name, n);
	in = slot(e, name, n, h);
	if (in->task == 0) {
		*in = (struct dagedges_slot){h, task + 1};
		return;
	}
	first = section_of(e, in->task - 1);
	other = name_of(e, in->task - 1, &n);
	if (memcmp(name, other, n) == 0)
		dagerr_add(e->err, s->line, 1, "the task \"%.*s\" is there "
		    "twice, first in line %u", (int)n, name,
		    (unsigned)first->line);
	else
		dagerr_add(e->err, s->line, 1, "the task \"%.*s\" is called "
		    "as \"%.*s\" in line %u is, for in variables \"-\" is "
		    "\"_\"", (int)n, name, (int)n, other,
		    (unsigned)first->line);
}

int
dagedges_init(struct dagedges *e, const struct daglex *lex,
    struct dagerr *err)
{
	uint32_t n = 0;
	size_t size = 16;

	*e = (struct dagedges){.lex = lex, .err = err, .guesses = GUESSES};
	for (size_t i = 0; i < lex->n; i++)
		e->n += lex->section[i].kind == LANG_TASK;
	while (size < (size_t)e->n * 2)
		size *= 2;
	e->mask = (uint32_t)(size - 1);
	e->table = calloc(size, sizeof *e->table);
	e->section = calloc((size_t)e->n + 1, sizeof *e->section);
	e->stamp = calloc((size_t)e->n + 1, sizeof *e->stamp);
	e->at = calloc((size_t)e->n + 2, sizeof *e->at);
	if (!e->table || !e->section || !e->stamp || !e->at)
		return -1;
	for (size_t i = 0; i < lex->n; i++)
		if (lex->section[i].kind == LANG_TASK)
			e->section[n++] = (uint32_t)i;
	for (n = 0; n < e->n; n++)
		enter(e, n);
	return 0;
}

/* the task whose name is nearest to word, or e->n */
static uint32_t
nearest(struct dagedges *e, const char *word)
{
	unsigned len = (unsigned)strlen(word), least = len / 3 + 2, d;
	char name[NAME_LEN + 1];
	uint32_t best = e->n;
	const char *s;
	size_t n;

	for (uint32_t t = 0; t < e->n && e->guesses > 0; t++) {
		s = name_of(e, t, &n);
		if (section_of(e, t)->bad || n + least <= len ||
		    len + least <= n)
			continue;
		e->guesses -= len * n < e->guesses ? len * n : e->guesses;
		memcpy(name, s, n);
		name[n] = '\0';
		d = name_distance(word, name);
		if (d < least && d < len) {
			least = d;
			best = t;
		}
	}
	return best;
}

static void
unknown(struct dagedges *e, const char *word, uint32_t line, uint32_t col)
{
	uint32_t near = nearest(e, word);
	const char *name;
	size_t n;

	if (near == e->n) {
		dagerr_add(e->err, line, col, "unknown upstream \"%s\"", word);
		return;
	}
	name = name_of(e, near, &n);
	dagerr_add(e->err, line, col, "unknown upstream \"%s\", did you mean "
	    "\"%.*s\"?", word, (int)n, name);
}

/* says what is wrong with a word of after; up is the task, if there is one */
static void
complain(struct dagedges *e, const struct dagtext_span *span, size_t off,
    const char *word, uint32_t up, uint32_t task)
{
	const char *fault = name_fault(word, strlen(word));
	uint32_t line, col;

	if (e->err->total >= DAGERR_MAX) {
		e->err->total++;
		return;
	}
	dagtext_place(e->lex->text, span, off, &line, &col);
	buf_reset(&e->why);
	if (word[0] == '#') {
		lang_check_value(&lang_keys[AFTER], word, &e->why);
		dagerr_add(e->err, line, col, "after: %s", buf_cstr(&e->why));
	} else if (fault) {
		value_quote(&e->why, word, strlen(word));
		dagerr_add(e->err, line, col, "after: %s is not a name: %s",
		    buf_cstr(&e->why), fault);
	} else if (up == UINT32_MAX) {
		unknown(e, word, line, col);
	} else if (up == task) {
		dagerr_add(e->err, line, col, "the task \"%s\" comes after "
		    "itself", word);
	} else {
		dagerr_add(e->err, line, col, "the upstream \"%s\" is there "
		    "twice", word);
	}
	e->err->nomem |= e->why.err != 0;
}

/* the task of exactly that name, or UINT32_MAX */
static uint32_t
find(const struct dagedges *e, const char *word, size_t n)
{
	const struct dagedges_slot *s;
	const char *name;

	if (n == 0 || n > NAME_LEN)
		return UINT32_MAX;
	s = slot(e, word, n, hash(word, n));
	if (s->task == 0)
		return UINT32_MAX;
	name = name_of(e, s->task - 1, &n);
	return memcmp(name, word, n) == 0 ? s->task - 1 : UINT32_MAX;
}

static int
add_edge(struct dagedges *e, uint32_t up)
{
	size_t cap = e->capfrom ? e->capfrom * 2 : 256;
	uint32_t *from;

	if (e->nfrom == e->capfrom) {
		from = reallocarray(e->from, cap, sizeof *from);
		if (!from)
			return -1;
		e->from = from;
		e->capfrom = cap;
	}
	e->from[e->nfrom++] = up;
	return 0;
}

int
dagedges_add(struct dagedges *e, uint32_t task,
    const struct dagtext_span *span, const char *value, struct buf *list)
{
	const char *s = value, *word;
	uint32_t up;
	size_t n;
	int r;

	buf_reset(&e->word);
	if (buf_need(&e->word, strlen(value) + 1) < 0)
		return -1;
	word = e->word.p;
	for (;;) {
		s += strspn(s, " \t\n");
		n = (size_t)(s - value);
		r = words_next(&s, e->word.p);
		if (r <= 0)
			break;
		up = find(e, word, strlen(word));
		if (up == UINT32_MAX || up == task ||
		    e->stamp[up] == task + 1) {
			complain(e, span, n, word, up, task);
			continue;
		}
		e->stamp[up] = task + 1;
		if (add_edge(e, up) < 0)
			return -1;
		if (list->n)
			buf_ch(list, ' ');
		buf_str(list, word);
	}
	if (r < 0)
		dagerr_add(e->err, span->line, 1, "after: a quote is not "
		    "closed");
	e->at[task + 1] = (uint32_t)e->nfrom;
	return 0;
}

/* where a task says that it comes after up */
static void
edge_place(struct dagedges *e, uint32_t task, uint32_t up, uint32_t *line,
    uint32_t *col)
{
	const struct daglex_section *s = section_of(e, task);
	const struct dagtext_span *v;
	const char *value, *p;
	struct buf text = BUF_INIT;
	size_t off;

	*line = s->line;
	*col = 1;
	for (uint32_t i = s[0].first; i < s[1].first; i++) {
		v = &e->lex->value[i];
		if (v->key != AFTER)
			continue;
		if (v->several) {
			value = dagtext_value(e->lex->text, v, &text);
		} else {
			buf_reset(&text);
			buf_add(&text, e->lex->text + v->at, v->len);
			value = buf_cstr(&text);
		}
		buf_reset(&e->word);
		if (buf_need(&e->word, text.n + 1) < 0 || text.err) {
			e->err->nomem = true;
			break;
		}
		for (p = value;;) {
			p += strspn(p, " \t\n");
			off = (size_t)(p - value);
			if (words_next(&p, e->word.p) <= 0)
				break;
			if (find(e, e->word.p, strlen(e->word.p)) == up)
				dagtext_place(e->lex->text, v, off, line, col);
		}
	}
	buf_free(&text);
}

/* all edges of a cycle, from its first task in the file upstream */
static void
report(struct dagedges *e, const uint32_t *cycle, size_t len)
{
	uint32_t line, col, up, task;
	size_t first = 0, na, nb;
	const char *a, *b;

	for (size_t i = 1; i < len; i++)
		if (cycle[i] < cycle[first])
			first = i;
	for (size_t i = 0; i < len; i++) {
		task = cycle[(first + len - i) % len];
		up = cycle[(first + 2 * len - i - 1) % len];
		edge_place(e, task, up, &line, &col);
		if (i == 0)
			dagerr_add(e->err, line, col, "a cycle: %zu tasks wait "
			    "for each other", len);
		a = name_of(e, task, &na);
		b = name_of(e, up, &nb);
		dagerr_detail(e->err, line, col, "\"%.*s\" comes after "
		    "\"%.*s\"", (int)na, a, (int)nb, b);
	}
}

/* takes the edges of the tasks in a cycle away, to find the next one */
static void
without(struct dagedges *e, struct graph *g, const uint32_t *cycle,
    size_t len)
{
	uint32_t n = 0, first = 0, next;

	memset(e->stamp, 0, e->n * sizeof *e->stamp);
	for (size_t i = 0; i < len; i++)
		e->stamp[cycle[i]] = 1;
	for (uint32_t t = 0; t < e->n; t++) {
		next = g->upat[t + 1];
		for (uint32_t i = first; i < next; i++)
			if (!e->stamp[t] && !e->stamp[g->up[i]])
				g->up[n++] = g->up[i];
		first = next;
		g->upat[t + 1] = n;
	}
	e->at = g->upat;
	e->from = g->up;
	g->upat = g->up = NULL;
	graph_free(g);
}

int
dagedges_cycles(struct dagedges *e)
{
	uint32_t *cycle, *from;
	struct graph g;
	size_t len;

	/* tasks that come after none */
	for (uint32_t t = 0; t < e->n; t++)
		if (e->at[t + 1] < e->at[t])
			e->at[t + 1] = e->at[t];
	for (int i = 0; i < CYCLES; i++) {
		from = e->from ? e->from : malloc(sizeof *from);
		if (!from)
			return -1;
		if (graph_make(&g, e->n, e->at, from) < 0) {
			e->at = e->from = NULL;
			return -1;
		}
		e->at = e->from = NULL;
		cycle = graph_cycle(&g, &len);
		if (!cycle) {
			graph_free(&g);
			return len ? -1 : 0;
		}
		report(e, cycle, len);
		without(e, &g, cycle, len);
		free(cycle);
	}
	return 0;
}

void
dagedges_free(struct dagedges *e)
{
	free(e->section);
	free(e->table);
	free(e->stamp);
	free(e->at);
	free(e->from);
	buf_free(&e->word);
	buf_free(&e->why);
	*e = (struct dagedges){0};
}
