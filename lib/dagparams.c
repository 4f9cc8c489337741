/* dagparams: the parameters that a definition declares, checked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dagparams.h"
#include "lang.h"
#include "name.h"
#include "params.h"
#include "rec.h"
#include "words.h"

enum { TYPE, DEFAULT, CHOICES, MATCH, KEYS };

static const char *const keys[KEYS] = {"type", "default", "choices", "match"};

/* one section: what it says, and where */
struct declared {
	const struct daglex_section *s;
	const struct dagtext_span *at[KEYS];
	struct buf text[KEYS];
	const char *value[KEYS];
};

static void
error(const struct daglex *l, const struct dagtext_span *v, const char *text,
    struct dagerr *err)
{
	uint32_t line, col;

	dagtext_place(l->text, v, 0, &line, &col);
	dagerr_add(err, line, col, "%s: %s", lang_keys[v->key].name, text);
}

static void
read_values(const struct daglex *l, struct declared *d, struct dagerr *err,
    struct buf *why)
{
	const struct dagtext_span *v;
	struct buf text = BUF_INIT;
	const char *value, *fault;

	for (uint32_t i = d->s[0].first; i < d->s[1].first; i++) {
		v = &l->value[i];
		if (v->len == 0)
			continue;
		l->text[v->at + v->len] = '\0';
		value = v->several ? dagtext_value(l->text, v, &text) :
		    l->text + v->at;
		fault = lang_check_value(&lang_keys[v->key], value, why);
		if (fault)
			error(l, v, fault, err);
		err->nomem |= text.err || why->err;
		for (int k = 0; k < KEYS; k++)
			if (strcmp(lang_keys[v->key].name, keys[k]) == 0) {
				d->at[k] = v;
				buf_str(&d->text[k], value);
				d->value[k] = buf_cstr(&d->text[k]);
			}
	}
	buf_free(&text);
}

/* is a section above about one of this name, as a variable? */
static void
check_name(const struct daglex *l, const struct declared *d,
    struct dagerr *err)
{
	char a[NAME_LEN + 1], b[NAME_LEN + 1];

	name_to_var(a, l->text + d->s->at, d->s->namelen);
	for (const struct daglex_section *o = l->section; o < d->s; o++) {
		if (o->kind != LANG_PARAM || o->bad)
			continue;
		name_to_var(b, l->text + o->at, o->namelen);
		if (strcmp(a, b) != 0)
			continue;
		dagerr_add(err, d->s->line, 1, "the parameter \"%s\" is "
		    "there twice, first in line %u", a, (unsigned)o->line);
		return;
	}
}

/* choices that are none, by what else is said of the values */
static void
check_choices(const struct daglex *l, const struct declared *d,
    struct dagerr *err, struct buf *why)
{
	struct param p = {d->value[TYPE], NULL, NULL, d->value[MATCH]};
	char **word = words_split(d->value[CHOICES], NULL);

	buf_reset(why);
	err->nomem |= !word && errno == ENOMEM;
	for (size_t i = 0; word && word[i]; i++)
		if (param_check(&p, word[i], why) < 0) {
			error(l, d->at[CHOICES], buf_cstr(why), err);
			break;
		}
	free(word);
}

/* what only its keys together can have wrong */
static void
check_values(const struct daglex *l, const struct declared *d, bool scheduled,
    struct dagerr *err, struct buf *why)
{
	struct param p = {d->value[TYPE], d->value[DEFAULT],
	    d->value[CHOICES], d->value[MATCH]};

	buf_reset(why);
	if (p.match && param_match_check(p.match, why) < 0) {
		error(l, d->at[MATCH], buf_cstr(why), err);
		return;
	}
	if (p.choices)
		check_choices(l, d, err, why);
	err->nomem |= why->err != 0;
	buf_reset(why);
	if (p.fallback && param_check(&p, p.fallback, why) < 0)
		error(l, d->at[DEFAULT], buf_cstr(why), err);
	else if (!p.fallback && scheduled)
		dagerr_add(err, d->s->line, 1, "the parameter \"%.*s\" has no "
		    "default, and the schedule has no value for it",
		    (int)d->s->namelen, l->text + d->s->at);
}

int
dagparams_put(const struct daglex *l, bool scheduled, struct dagerr *err,
    struct buf *out)
{
	char key[2 * NAME_LEN];
	struct buf why = BUF_INIT;
	int bad = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct declared d = {.s = &l->section[i]};
		unsigned before = (unsigned)err->total;

		if (d.s->kind != LANG_PARAM || d.s->bad)
			continue;
		check_name(l, &d, err);
		read_values(l, &d, err, &why);
		if (!d.value[TYPE])
			d.value[TYPE] = "text";
		if (before == err->total)
			check_values(l, &d, scheduled, err, &why);
		bad |= why.err;
		for (int k = 0; k < KEYS; k++) {
			snprintf(key, sizeof key, "param.%.*s%s%s",
			    (int)d.s->namelen, l->text + d.s->at,
			    k ? "." : "", k ? keys[k] : "");
			if (d.value[k])
				rec_put(out, key, d.value[k]);
			bad |= d.text[k].err;
			buf_free(&d.text[k]);
		}
	}
	buf_free(&why);
	errno = ENOMEM;
	return bad ? -1 : 0;
}
