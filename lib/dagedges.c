/* dagedges: the names of a definition's tasks, and the edges between them. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dagedges.h"
#include "lang.h"
#include "name.h"
#include "value.h"
#include "words.h"

enum {
	GUESSES = 100000000,	/* letters compared to guess names, a file */
};

const struct daglex_section *
dagedges_section(const struct dagedges *e, uint32_t task)
{
	return &e->lex->section[e->section[task]];
}

const char *
dagedges_name(const struct dagedges *e, uint32_t task, size_t *n)
{
	const struct daglex_section *s = dagedges_section(e, task);

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
		other = dagedges_name(e, s->task - 1, &len);
		if (len == n && same_variable(other, name, n))
			return s;
	}
}

/* puts a task into the hash table, or says why not */
static void
enter(struct dagedges *e, uint32_t task)
{
	const struct daglex_section *s = dagedges_section(e, task), *first;
	const char *name, *other;
	struct dagedges_slot *in;
	uint32_t h;
	size_t n;

	if (s->bad)
		return;
	name = dagedges_name(e, task, &n);
	h = hash(name, n);
	in = slot(e, name, n, h);
	if (in->task == 0) {
		*in = (struct dagedges_slot){h, task + 1};
		return;
	}
	first = dagedges_section(e, in->task - 1);
	other = dagedges_name(e, in->task - 1, &n);
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

uint32_t
dagedges_find(const struct dagedges *e, const char *word, size_t n)
{
	const struct dagedges_slot *s;
	const char *name;

	if (n == 0 || n > NAME_LEN)
		return UINT32_MAX;
	s = slot(e, word, n, hash(word, n));
	if (s->task == 0)
		return UINT32_MAX;
	name = dagedges_name(e, s->task - 1, &n);
	return memcmp(name, word, n) == 0 ? s->task - 1 : UINT32_MAX;
}

int
dagedges_words(struct dagedges *e, const struct daglex_section *s, int key,
    void (*f)(void *, const char *, const struct dagtext_span *, size_t),
    void *arg)
{
	const struct dagtext_span *v;
	struct buf text = BUF_INIT, word = BUF_INIT;
	const char *value, *p;
	size_t off;
	int x = 0;

	for (uint32_t i = s[0].first; i < s[1].first && x == 0; i++) {
		v = &e->lex->value[i];
		if (v->key != key)
			continue;
		p = value = dagtext_value(e->lex->text, v, &text);
		buf_reset(&word);
		x = text.err ? -1 : buf_need(&word, text.n + 1);
		while (x == 0) {
			p += strspn(p, " \t\n");
			off = (size_t)(p - value);
			if (words_next(&p, word.p) <= 0)
				break;
			f(arg, word.p, v, off);
		}
	}
	e->err->nomem |= x < 0;
	buf_free(&text);
	buf_free(&word);
	return x;
}

/* a task, and what it comes after, if that is in its own group */
struct inner {
	struct dagedges *e;
	uint32_t task;
	bool teardown;
};

bool
dagedges_has(const struct dagedges *e, const struct daglex_section *s, int key)
{
	for (uint32_t i = s[0].first; i < s[1].first; i++)
		if (e->lex->value[i].key == key && e->lex->value[i].len > 0)
			return true;
	return false;
}

static void
note_inner(void *arg, const char *word, const struct dagtext_span *span,
    size_t off)
{
	struct inner *in = arg;
	struct daggroups *g = &in->e->groups;
	uint32_t up = dagedges_find(in->e, word, strlen(word));

	(void)off;
	if (up == UINT32_MAX || up == in->task || g->of[in->task] == g->n ||
	    g->of[up] != g->of[in->task])
		return;
	g->inner[in->task] |= DAGGROUPS_UP;
	/* the group does not wait for its teardowns */
	if (span->key == LANG_TEARDOWN)
		g->inner[in->task] |= DAGGROUPS_DOWN;
	else if (!in->teardown)
		g->inner[up] |= DAGGROUPS_DOWN;
}

static int
find_inner(struct dagedges *e)
{
	struct inner in = {e, 0, false};
	const struct daglex_section *s;
	uint32_t found;

	for (uint32_t i = 0; i < e->groups.n; i++) {
		s = &e->lex->section[e->groups.section[i]];
		found = dagedges_find(e, e->lex->text + s->at, s->namelen);
		if (found != UINT32_MAX)
			dagerr_add(e->err, s->line, 1, "the group \"%.*s\" is "
			    "called as the task in line %u is",
			    (int)s->namelen, e->lex->text + s->at,
			    (unsigned)dagedges_section(e, found)->line);
	}
	for (in.task = 0; in.task < e->n; in.task++) {
		s = dagedges_section(e, in.task);
		in.teardown = dagedges_has(e, s, LANG_TEARDOWN);
		if (dagedges_words(e, s, LANG_AFTER, note_inner, &in) < 0 ||
		    dagedges_words(e, s, LANG_TEARDOWN, note_inner, &in) < 0)
			return -1;
	}
	return 0;
}

int
dagedges_init(struct dagedges *e, const char *dag, const struct daglex *lex,
    struct dagerr *err)
{
	uint32_t n = 0;
	size_t size = 16;

	*e = (struct dagedges){dag, .lex = lex, .err = err,
	    .guesses = GUESSES};
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
	if (daggroups_init(&e->groups, lex, e->section, e->n, err) < 0)
		return -1;
	return e->groups.n > 0 ? find_inner(e) : 0;
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
		s = dagedges_name(e, t, &n);
		if (dagedges_section(e, t)->bad || n + least <= len ||
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
	size_t n = 0;
	const char *name = near == e->n ? "" : dagedges_name(e, near, &n);

	dagerr_add(e->err, line, col, "unknown upstream \"%s\"%s%.*s%s", word,
	    n ? ", did you mean \"" : "", (int)n, name, n ? "\"?" : "");
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
		lang_check_value(&lang_keys[LANG_AFTER], word, &e->why);
		dagerr_add(e->err, line, col, "after: %s", buf_cstr(&e->why));
	} else if (strchr(word, '/')) {
		value_quote(&e->why, word, strlen(word));
		fault = name_other_fault(e->dag, word);
		dagerr_add(e->err, line, col, "after: %s %s",
		    buf_cstr(&e->why), fault ? fault : "is there twice");
	} else if (fault) {
		value_quote(&e->why, word, strlen(word));
		dagerr_add(e->err, line, col, "after: %s is not a name: %s",
		    buf_cstr(&e->why), fault);
	} else if (up == UINT32_MAX) {
		unknown(e, word, line, col);
	} else {
		dagerr_add(e->err, line, col, up == task ?
		    "the task \"%s\" comes after itself" :
		    "the upstream \"%s\" is there twice", word);
	}
	e->err->nomem |= e->why.err != 0;
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

/* adds an edge, and the name; what is there is not added twice */
static int
add(struct dagedges *e, uint32_t task, uint32_t up, struct buf *list)
{
	const char *name;
	size_t n;

	if (e->stamp[up] == task + 1)
		return 0;
	e->stamp[up] = task + 1;
	if (list->n)
		buf_ch(list, ' ');
	name = dagedges_name(e, up, &n);
	buf_add(list, name, n);
	return add_edge(e, up);
}

/* the last tasks of a group, which stand for all of it */
static int
add_group(struct dagedges *e, uint32_t task, uint32_t group,
    const struct dagtext_span *span, size_t off, struct buf *list)
{
	const struct daggroups *g = &e->groups;
	uint32_t line, col;

	if (g->of[task] == group) {
		dagtext_place(e->lex->text, span, off, &line, &col);
		dagerr_add(e->err, line, col, "the task is itself in the group "
		    "that it comes after");
		return 0;
	}
	for (uint32_t t = 0; t < e->n; t++)
		if (g->of[t] == group && !(g->inner[t] & DAGGROUPS_DOWN) &&
		    add(e, task, t, list) < 0)
			return -1;
	return 0;
}

int
dagedges_add(struct dagedges *e, uint32_t task,
    const struct dagtext_span *span, const char *value, bool more,
    struct buf *list)
{
	const char *s = value, *word;
	uint32_t up, g, group;
	size_t n;
	int r;

	group = e->groups.n > 0 ? e->groups.of[task] : 0;
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
		if (!name_other_fault(e->dag, word) &&
		    (!words_has(buf_cstr(list), word) || more)) {
			words_put(list, word);
			continue;
		}
		up = dagedges_find(e, word, strlen(word));
		g = up == UINT32_MAX ? daggroups_find(&e->groups, word,
		    strlen(word)) : e->groups.n;
		if (g < e->groups.n && span->key != LANG_TEARDOWN) {
			if (add_group(e, task, g, span, n, list) < 0)
				return -1;
			continue;
		}
		if (up != UINT32_MAX && up != task && (more ||
		    e->stamp[up] != task + 1)) {
			if (add(e, task, up, list) < 0)
				return -1;
			continue;
		}
		if (!more || !e->groups.n || !e->groups.told[group])
			complain(e, span, n, word, up, task);
	}
	if (r < 0)
		dagerr_add(e->err, span->line, 1, "after: a quote is not "
		    "closed");
	e->at[task + 1] = (uint32_t)e->nfrom;
	return 0;
}

void
dagedges_free(struct dagedges *e)
{
	daggroups_free(&e->groups);
	free(e->section);
	free(e->table);
	free(e->stamp);
	free(e->at);
	free(e->from);
	buf_free(&e->word);
	buf_free(&e->why);
	*e = (struct dagedges){0};
}
