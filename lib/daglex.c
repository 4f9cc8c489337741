/* daglex: takes a definition apart into sections and values. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "daglex.h"
#include "lang.h"
#include "name.h"
#include "value.h"

struct reader {
	struct daglex *lex;
	struct dagerr *err;
	uint32_t line;
	uint32_t once[2];	/* lines of [dag] and [default] */
	uint32_t seen[LANG_NKEYS];	/* lines of this section's keys */
	unsigned kind;		/* of this section; 0: none, or unknown */
	bool started;		/* there was a section */
	bool open;		/* a value that can go on */
	bool swallow;		/* what goes on is of no interest */
	bool crlf;
	struct buf why;
};

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *
trim_end(char *s, char *e)
{
	while (e > s && blank(e[-1]))
		e--;
	return e;
}

/* the array, with room for one more and an end; NULL with errno */
static void *
grow(void *p, size_t n, size_t *cap, size_t size)
{
	size_t newcap = *cap ? *cap * 2 : 64;
	void *q;

	if (n + 2 <= *cap)
		return p;
	q = reallocarray(p, newcap, size);
	if (q)
		*cap = newcap;
	return q;
}

static int
add_section(struct reader *r, char *name, size_t namelen, unsigned kind)
{
	struct daglex *l = r->lex;
	struct daglex_section *s;

	s = grow(l->section, l->n, &l->cap, sizeof *s);
	if (!s)
		return -1;
	l->section = s;
	s[l->n++] = (struct daglex_section){
		.at = (uint32_t)(name - l->text),
		.line = r->line,
		.first = (uint32_t)l->nvalue,
		.namelen = (uint8_t)(namelen > NAME_LEN ? 0 : namelen),
		.kind = (uint8_t)kind,
		.bad = kind >= LANG_TASK && !name_ok(name, namelen),
	};
	r->kind = kind;
	memset(r->seen, 0, sizeof r->seen);
	return 0;
}

/* adds an error, with the text in r->why */
static void
complain(struct reader *r, uint32_t col)
{
	dagerr_add(r->err, r->line, col, "%s", buf_cstr(&r->why));
	r->err->nomem |= r->why.err != 0;
}

/* so many errors that one more is only counted? */
static bool
enough(struct reader *r)
{
	if (r->err->total < DAGERR_MAX)
		return false;
	r->err->total++;
	return true;
}

static unsigned
section_kind(struct reader *r, const char *s, size_t n)
{
	static const char *const names[] = {"dag", "default", "task",
	    "param", "group", NULL};
	char word[NAME_LEN + 1];
	const char *near = NULL;

	for (unsigned i = 0; names[i]; i++)
		if (strlen(names[i]) == n && memcmp(names[i], s, n) == 0)
			return 1U << i;
	if (enough(r))
		return 0;
	buf_reset(&r->why);
	buf_str(&r->why, "unknown section ");
	value_quote(&r->why, s, n);
	if (n <= NAME_LEN) {
		memcpy(word, s, n);
		word[n] = '\0';
		near = name_nearest(word, names);
	}
	if (near)
		buf_fmt(&r->why, ", did you mean \"%s\"?", near);
	complain(r, 2);
	return 0;
}

/* [dag] and [default]: once a file, and without a name */
static void
check_single(struct reader *r, unsigned kind, const char *s, const char *name,
    size_t namelen)
{
	const char *word = kind == LANG_DAG ? "dag" : "default";
	uint32_t *once = &r->once[kind == LANG_DEFAULT];

	if (namelen)
		dagerr_add(r->err, r->line, dagtext_column(s, name),
		    "[%s] has no name", word);
	if (*once)
		dagerr_add(r->err, r->line, 1, "[%s] is there twice, first in "
		    "line %u", word, (unsigned)*once);
	else
		*once = r->line;
}

static void
check_name(struct reader *r, const char *what, const char *s,
    const char *name, size_t n)
{
	const char *fault = name_fault(name, n);

	if (!fault)
		return;
	buf_reset(&r->why);
	if (n == 0) {
		buf_fmt(&r->why, "a %s without a name, it is [%s NAME]",
		    what, *what == 'p' ? "param" : what);
	} else {
		value_quote(&r->why, name, n);
		buf_fmt(&r->why, " is not a name of a %s: %s",
		    what, fault);
	}
	complain(r, dagtext_column(s, name));
}

static int
read_section(struct reader *r, char *s, char *e)
{
	char *end = memchr(s, ']', (size_t)(e - s)), *word, *name, *rest;
	unsigned kind;

	r->open = false;
	r->swallow = false;
	r->started = true;
	if (!end) {
		dagerr_add(r->err, r->line, dagtext_column(s, e),
		    "the \"]\" is missing");
		end = e;
	}
	for (rest = end + (end < e); rest < e && blank(*rest); rest++)
		;
	if (rest < e)
		dagerr_add(r->err, r->line, dagtext_column(s, rest), "%s",
		    *rest == '#' ? "a comment cannot follow a section, it is "
		    "a line with # in column 1" : "text after the \"]\"");
	for (word = s + 1; word < end && blank(*word); word++)
		;
	for (name = word; name < end && !blank(*name); name++)
		;
	kind = section_kind(r, word, (size_t)(name - word));
	for (; name < end && blank(*name); name++)
		;
	end = trim_end(name, end);
	if (kind >= LANG_TASK)
		check_name(r, kind == LANG_TASK ? "task" :
		    kind == LANG_PARAM ? "parameter" : "group", s, name,
		    (size_t)(end - name));
	else if (kind)
		check_single(r, kind, s, name, (size_t)(end - name));
	return add_section(r, name, (size_t)(end - name), kind);
}

/* the number of a key that may stand here; -1, and the error is added */
static int
find_key(struct reader *r, const char *s, size_t n)
{
	const struct lang_key *k;
	uint32_t *seen;

	if (!r->started) {
		dagerr_add(r->err, r->line, 1, "this stands before the first "
		    "section");
		return -1;
	}
	if (r->kind == 0)
		return -1;
	k = lang_find(s, n, r->kind);
	if (!k && enough(r))
		return -1;
	if (!k) {
		lang_unknown(s, n, r->kind, &r->why);
		complain(r, 1);
		return -1;
	}
	seen = &r->seen[k - lang_keys];
	if (*seen && !k->repeats) {
		dagerr_add(r->err, r->line, 1, "the key \"%s\" is there twice, "
		    "first in line %u", k->name, (unsigned)*seen);
		return -1;
	}
	*seen = r->line;
	return (int)(k - lang_keys);
}

static int
read_value(struct reader *r, char *s, char *e, bool good)
{
	struct daglex *l = r->lex;
	struct dagtext_span *v;
	char *eq = memchr(s, '=', (size_t)(e - s)), *end;
	int key;

	r->open = false;
	r->swallow = true;
	if (!eq) {
		if (good)
			dagerr_add(r->err, r->line, 1, "this is neither "
			    "\"key = value\" nor a [section] nor a # comment");
		return 0;
	}
	if (eq == s) {
		dagerr_add(r->err, r->line, 1, "the key before \"=\" is "
		    "missing");
		return 0;
	}
	end = trim_end(s, eq);
	key = find_key(r, s, (size_t)(end - s));
	if (key < 0)
		return 0;
	for (s = eq + 1; s < e && blank(*s); s++)
		;
	e = trim_end(s, e);
	v = grow(l->value, l->nvalue, &l->valuecap, sizeof *v);
	if (!v)
		return -1;
	l->value = v;
	v[l->nvalue++] = (struct dagtext_span){
		.at = (uint32_t)(s - l->text),
		.len = (uint32_t)(e - s),
		.line = r->line,
		.key = (uint8_t)key,
	};
	r->open = true;
	return 0;
}

/* a line that begins with a blank, and is not empty */
static void
read_more(struct reader *r, const char *s, char *e)
{
	struct daglex *l = r->lex;
	struct dagtext_span *v;

	if (r->open) {
		v = &l->value[l->nvalue - 1];
		e = trim_end(l->text + v->at, e);
		v->len = (uint32_t)(e - l->text - v->at);
		v->several = true;
		return;
	}
	if (!r->swallow) {
		while (blank(*s))
			s++;
		dagerr_add(r->err, r->line, 1, "a line that begins with a "
		    "blank belongs to the value above, but there is none");
	}
	r->swallow = true;
}

static int
read_line(struct reader *r, char *s, char *e)
{
	bool good = dagtext_check_line(r->lex->text, s, e, r->line, &r->crlf,
	    r->err);

	if (!good && e - s > DAGTEXT_LINE) {
		r->open = false;
		r->swallow = true;
		return 0;
	}
	if (s == r->lex->text && e - s >= 3 &&
	    memcmp(s, "\xef\xbb\xbf", 3) == 0)
		s += 3;
	e = trim_end(s, e);
	if (s == e || *s == '#')
		return 0;
	if (blank(*s)) {
		read_more(r, s, e);
		return 0;
	}
	return *s == '[' ? read_section(r, s, e) : read_value(r, s, e, good);
}

int
daglex_run(struct daglex *l, struct dagerr *err)
{
	struct reader r = {.lex = l, .err = err};
	char *s = l->text, *end = l->text + l->size, *e;
	int result = 0;

	for (; s < end && result == 0; s = e + 1) {
		e = memchr(s, '\n', (size_t)(end - s));
		if (!e)
			e = end;
		r.line++;
		result = read_line(&r, s, e);
	}
	if (result == 0)
		result = add_section(&r, l->text + l->size, 0, 0);
	if (result == 0)
		l->n--;
	buf_free(&r.why);
	return result;
}

void
daglex_free(struct daglex *l)
{
	free(l->section);
	free(l->value);
	l->section = NULL;
	l->value = NULL;
}
