/* dagplace: where a definition says something, found again. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daglex.h"
#include "dagplace.h"
#include "dagprog.h"
#include "lang.h"
#include "value.h"
#include "words.h"

struct wanted {
	struct daglex lex;
	int key;
	const char *name;
	uint32_t line, col;	/* 0: not found yet */
};

static const struct daglex_section *
section(const struct daglex *l, unsigned kind, const char *name)
{
	const struct daglex_section *s;

	for (s = l->section; s < l->section + l->n; s++)
		if (s->kind == kind && (!name || (s->namelen == strlen(name) &&
		    memcmp(l->text + s->at, name, s->namelen) == 0)))
			return s;
	return NULL;
}

static void
look_in_value(struct wanted *w, const struct dagtext_span *v)
{
	struct buf text = BUF_INIT, word = BUF_INIT;
	const char *value = dagtext_value(w->lex.text, v, &text), *p = value;
	size_t off;

	while (!text.err && buf_need(&word, text.n + 1) == 0) {
		p += strspn(p, " \t\n");
		off = (size_t)(p - value);
		if (words_next(&p, word.p) <= 0)
			break;
		if (same_name(word.p, w->name)) {
			dagtext_place(w->lex.text, v, off, &w->line, &w->col);
			break;
		}
	}
	buf_free(&text);
	buf_free(&word);
}

static void
look_in(struct wanted *w, const struct daglex_section *s)
{
	for (uint32_t i = s ? s[0].first : 0; s && i < s[1].first; i++)
		if (w->lex.value[i].key == w->key && w->line == 0)
			look_in_value(w, &w->lex.value[i]);
}

static void
look(struct wanted *w, const char *task)
{
	const struct daglex_section *own = section(&w->lex, LANG_TASK, task);
	struct buf group = BUF_INIT;
	const struct dagtext_span *v;

	look_in(w, own);
	for (uint32_t i = own ? own[0].first : 0; own && i < own[1].first &&
	    w->line == 0; i++) {
		v = &w->lex.value[i];
		if (v->key != LANG_GROUP_OF || v->len == 0)
			continue;
		look_in(w, section(&w->lex, LANG_GROUP,
		    dagtext_value(w->lex.text, v, &group)));
	}
	if (w->line == 0)
		look_in(w, section(&w->lex, LANG_DEFAULT, NULL));
	buf_free(&group);
}

void
dagplace_put(struct buf *b, const char *file, const char *task,
    const char *key, const char *name)
{
	struct wanted w = {.name = name};
	struct buf text = BUF_INIT;
	struct dagerr err = {0};
	struct stat st;
	int fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    !dagprog_is(fd, &st) && buf_read(&text, fd, DAGTEXT_MAX) == 0) {
		w.lex.text = buf_cstr(&text);
		w.lex.size = text.n;
		w.key = (int)(lang_find(key, strlen(key), LANG_TASK) -
		    lang_keys);
		if (daglex_run(&w.lex, &err) == 0)
			look(&w, task);
		daglex_free(&w.lex);
		dagerr_free(&err);
	}
	if (w.line)
		buf_fmt(b, "%s:%u:%u: ", file, (unsigned)w.line,
		    (unsigned)w.col);
	close(fd);
	buf_free(&text);
}
