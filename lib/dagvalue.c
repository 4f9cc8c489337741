/* dagvalue: the values of a definition's sections: found, joined, checked. */
#include <stdarg.h>

#include "dagvalue.h"
#include "value.h"

void
dagvalue_note(struct compiler *c, int error)
{
	if (!c->error)
		c->error = error;
}

const char *
dagvalue_text(struct compiler *c, const struct dagtext_span *v)
{
	const char *value;

	if (v->several) {
		value = dagtext_value(c->lex.text, v, &c->value);
		dagvalue_note(c, c->value.err);
		return value;
	}
	c->lex.text[v->at + v->len] = '\0';
	return c->lex.text + v->at;
}

void
dagvalue_check(struct compiler *c, const struct dagtext_span *v,
    const char *value)
{
	const char *fault;
	uint32_t line, col;

	fault = lang_check_value(&lang_keys[v->key], value, &c->why);
	dagvalue_note(c, c->why.err);
	if (!fault)
		return;
	dagtext_place(c->lex.text, v, 0, &line, &col);
	dagerr_add(c->err, line, col, "%s: %s", lang_keys[v->key].name, fault);
}

void
dagvalue_blame(struct compiler *c, const struct daglex_section *s, int key,
    const char *fmt, ...)
{
	uint32_t line = s->line, col = 1;
	va_list ap;

	if (c->first[key] != DAGVALUE_NONE)
		dagtext_place(c->lex.text, &c->lex.value[c->first[key]], 0,
		    &line, &col);
	va_start(ap, fmt);
	dagerr_vadd(c->err, line, col, fmt, ap);
	va_end(ap);
}

void
dagvalue_find(struct compiler *c, const struct daglex_section *s)
{
	const struct dagtext_span *v;

	for (int k = 0; k < LANG_NKEYS; k++) {
		c->first[k] = DAGVALUE_NONE;
		c->undone[k] = false;
	}
	for (uint32_t i = s[0].first; i < s[1].first; i++) {
		v = &c->lex.value[i];
		if (v->len == 0) {
			c->first[v->key] = DAGVALUE_NONE;
			c->undone[v->key] = true;
		} else if (c->first[v->key] == DAGVALUE_NONE) {
			c->first[v->key] = i;
		}
	}
}

const struct dagtext_span *
dagvalue_next(const struct compiler *c, const struct daglex_section *s, int key,
    int64_t *i)
{
	for (; *i != DAGVALUE_NONE && *i < s[1].first; (*i)++)
		if (c->lex.value[*i].key == key)
			return &c->lex.value[(*i)++];
	return NULL;
}

bool
dagvalue_said(const struct compiler *c, int key)
{
	return c->first[key] != DAGVALUE_NONE ||
	    (!c->undone[key] && c->fallback[key]);
}

const char *
dagvalue_of(struct compiler *c, const struct daglex_section *s, int key)
{
	const char *fallback = c->undone[key] ? NULL : c->fallback[key];
	const struct dagtext_span *v;
	int64_t i = c->first[key];
	const char *value;
	unsigned n = 0;

	if (i == DAGVALUE_NONE)
		return fallback;
	if (!lang_keys[key].repeats) {
		v = &c->lex.value[i];
		value = dagvalue_text(c, v);
		dagvalue_check(c, v, value);
		return value;
	}
	buf_reset(&c->joined);
	while ((v = dagvalue_next(c, s, key, &i))) {
		value = dagvalue_text(c, v);
		dagvalue_check(c, v, value);
		if (n++)
			buf_ch(&c->joined, ' ');
		buf_str(&c->joined, value);
	}
	value = buf_cstr(&c->joined);
	/* each is good, and yet a name may be there twice */
	if (n > 1 && c->err->total == 0)
		dagvalue_check(c, &c->lex.value[c->first[key]], value);
	if (fallback && c->err->total == 0) {
		buf_reset(&c->value);
		if (lang_keys[key].type == LANG_NEEDS)
			buf_fmt(&c->value, "%s ", fallback);
		else
			list_others(&c->value, fallback, value);
		buf_str(&c->value, value);
		value = buf_cstr(&c->value);
	}
	dagvalue_note(c, c->joined.err);
	dagvalue_note(c, c->value.err);
	return value;
}
