/* dageach: what the tasks of a definition are mapped over, checked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dageach.h"
#include "each.h"
#include "lang.h"
#include "rec.h"
#include "value.h"
#include "words.h"

static void
complain(struct dagedges *e, const struct dagtext_span *v, const char *word,
    const char *what)
{
	uint32_t line, col;

	dagtext_place(e->lex->text, v, 0, &line, &col);
	buf_reset(&e->why);
	value_quote(&e->why, word, strlen(word));
	dagerr_add(e->err, line, col, "each: %s %s", buf_cstr(&e->why), what);
	e->err->nomem |= e->why.err != 0;
}

/* how many items a list has; 0: that is not known, or it is wrong */
static size_t
count(struct dagedges *e, uint32_t task, const struct dagtext_span *v,
    const char *list)
{
	size_t n = 0;
	uint32_t up;
	char **word;

	if (each_reference(list, &n)) {
		up = dagedges_find(e, list, n);
		if (up == UINT32_MAX)
			complain(e, v, list, "names no task of this file; as "
			    "the only item of a list it is written in quotes");
		else if (e->stamp[up] != task + 1)
			complain(e, v, list, "names a task that this one does "
			    "not come after");
		return 0;
	}
	word = words_split(list, &n);
	if (!word && errno != EINVAL)
		e->err->nomem = true;
	else if (!word)
		complain(e, v, list, "has a quote that is not closed");
	for (size_t i = 0; word && i < n; i++)
		if (word[i][0] == '#') {
			complain(e, v, word[i], "is no item: a comment is a "
			    "line with # in column 1");
			break;
		}
	free(word);
	return n;
}

void
dageach_put(struct dagedges *e, uint32_t task, struct buf *out)
{
	const struct daglex_section *s = dagedges_section(e, task);
	const struct dagtext_span *v;
	struct buf text = BUF_INIT;
	char key[EACH_KEY];
	size_t product = 1, n;
	unsigned lists = 0;
	uint32_t i;

	/* an empty one undoes those before it */
	for (i = s[1].first; i > s[0].first; i--)
		if (e->lex->value[i - 1].key == LANG_EACH_OF &&
		    e->lex->value[i - 1].len == 0)
			break;
	for (; i < s[1].first; i++) {
		v = &e->lex->value[i];
		if (v->key != LANG_EACH_OF)
			continue;
		dagtext_value(e->lex->text, v, &text);
		if (lists == EACH_LISTS) {
			complain(e, v, buf_cstr(&text),
			    "is one list too many: there may be 9");
			break;
		}
		n = count(e, task, v, buf_cstr(&text));
		e->err->nomem |= text.err != 0;
		if (n > EACH_ITEMS || n * product > EACH_ITEMS) {
			complain(e, v, buf_cstr(&text), "makes more than 10000 "
			    "instances");
			break;
		}
		product *= n > 0 ? n : 1;
		rec_put(out, each_key(key, lists++), buf_cstr(&text));
	}
	buf_free(&text);
}
