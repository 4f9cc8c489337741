/* dagcompile: makes records of the text of a definition. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dagclash.h"
#include "dagcompile.h"
#include "dagcycle.h"
#include "dageach.h"
#include "dagedges.h"
#include "daglex.h"
#include "dagparams.h"
#include "dagsub.h"
#include "dagvalue.h"
#include "instant.h"
#include "lang.h"
#include "need.h"
#include "num.h"
#include "rec.h"
#include "slotless.h"
#include "slots.h"
#include "value.h"

enum {
	OUT_MAX = 1 << 30,	/* bytes that a file compiles to, at most */
};

/* each line of each value is a schedule */
static void
put_schedules(struct compiler *c, const struct daglex_section *s, int key)
{
	const struct dagtext_span *v;
	int64_t i = c->first[key];
	char *line, *end;

	c->slotted = false;
	while ((v = dagvalue_next(c, s, key, &i))) {
		buf_reset(&c->joined);
		buf_str(&c->joined, dagvalue_text(c, v));
		line = buf_cstr(&c->joined);
		dagvalue_note(c, c->joined.err);
		for (; line; line = end) {
			end = strchr(line, '\n');
			if (end)
				*end++ = '\0';
			line += strspn(line, " \t");
			for (size_t n = strlen(line); n > 0 &&
			    strchr(" \t", line[n - 1]); n--)
				line[n - 1] = '\0';
			if (!*line)
				continue;
			dagvalue_check(c, v, line);
			rec_put(c->out, lang_keys[key].name, line);
			c->slotted |= !slotless_is(line);
		}
	}
}

/* end lies behind start, if both are days or both are instants */
static void
check_order(struct compiler *c, const struct daglex_section *s)
{
	static const char *const names[] = {"start", "end"};
	const struct dagtext_span *v[2];
	struct civil day[2];
	uint32_t line, col;
	int64_t t[2], i;
	int kind[2];

	for (int k = 0; k < 2; k++) {
		i = c->first[lang_find(names[k], strlen(names[k]), LANG_DAG) -
		    lang_keys];
		if (i == DAGVALUE_NONE || i >= s[1].first)
			return;
		v[k] = &c->lex.value[i];
		kind[k] = 0;
		if (day_parse(dagvalue_text(c, v[k]), &day[k]) == 0)
			t[k] = civil_seconds(&day[k]);
		else if (instant_parse(dagvalue_text(c, v[k]), &t[k],
		    NULL) == 0)
			kind[k] = 1;
		else
			return;
	}
	if (kind[0] == kind[1] && t[0] > t[1]) {
		dagtext_place(c->lex.text, v[1], 0, &line, &col);
		dagerr_add(c->err, line, col, "end: it is before the start");
	}
}

/* what only the keys of a schedule together can have wrong */
static void
check_slots(struct compiler *c, const struct daglex_section *s)
{
	int64_t i = c->first[lang_find("schedule", 8, LANG_DAG) - lang_keys];
	const char *line = c->out->p + c->start;
	uint32_t at = s->line, col = 1;
	struct slots slots = {0};
	struct rec dag = {0};
	enum rec_result r;

	if (i == DAGVALUE_NONE || c->err->total > 0 || c->out->err)
		return;
	buf_reset(&c->why);
	r = rec_parse(&dag, line, c->out->n - c->start - 1);
	if (r == REC_ERROR)
		dagvalue_note(c, ENOMEM);
	else if (r == REC_OK && slots_make(&slots, &dag, &c->why) < 0) {
		dagvalue_note(c, c->why.n ? c->why.err : ENOMEM);
		dagtext_place(c->lex.text, &c->lex.value[i], 0, &at, &col);
		dagerr_add(c->err, at, col, "%s", buf_cstr(&c->why));
	}
	slots_free(&slots);
	rec_free(&dag);
}

static void
put_dag(struct compiler *c)
{
	const struct daglex_section *s = NULL;
	const char *value;
	int key;

	rec_begin(c->out, "dag", c->dag);
	rec_putf(c->out, "tasks", "%u", (unsigned)c->edges.n);
	rec_put(c->out, "file", c->file);
	for (size_t i = 0; i < c->lex.n; i++)
		if (c->lex.section[i].kind == LANG_DAG)
			s = &c->lex.section[i];
	if (s)
		dagvalue_find(c, s);
	key = (int)(lang_find("schedule", 8, LANG_DAG) - lang_keys);
	if (dagparams_put(&c->lex, s && c->first[key] != DAGVALUE_NONE, c->err,
	    c->out) < 0)
		dagvalue_note(c, ENOMEM);
	if (s) {
		for (int k = 0; lang_keys[k].name; k++) {
			if (!dagvalue_said(c, k))
				continue;
			if (lang_keys[k].type == LANG_CRON)
				put_schedules(c, s, k);
			else if ((value = dagvalue_of(c, s, k)))
				rec_put(c->out, lang_keys[k].name, value);
		}
		dagclash_dag(c, s);
		check_order(c, s);
	}
	rec_end(c->out);
	if (s)
		check_slots(c, s);
	if (c->out->n - c->start > REC_MAX)
		dagerr_add(c->err, s ? s->line : 0, 1, "all that belongs to "
		    "[dag] is more than 16 MiB");
}

/* where its tasks are started [dag] can say for all of them */
static bool
launches(int key)
{
	static const char *const names[] = {"launch", "launch-options",
	    "lease", "partition", "cpus", "gpus", "time"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(lang_keys[key].name, names[i]) == 0)
			return true;
	return false;
}

/* [default], [group NAME]: values are kept as strings until tasks want them */
static int
read_defaults(struct compiler *c, const struct daglex_section *s, char **set)
{
	const char *value;
	char *copy;

	dagvalue_find(c, s);
	for (int k = 0; lang_keys[k].name; k++) {
		if (k == LANG_AFTER || !dagvalue_said(c, k) ||
		    (s->kind == LANG_DAG && !launches(k)))
			continue;
		value = dagvalue_of(c, s, k);
		if (!value)
			continue;
		/* a second section has been told of already; the value may be
		 * the one that stands */
		copy = strdup(value);
		if (!copy)
			return -1;
		free(set[k]);
		set[k] = copy;
	}
	return 0;
}

/* those of the whole file first, wherever they stand */
static int
read_sets(struct compiler *c)
{
	const struct daggroups *g = &c->edges.groups;

	c->sets = calloc((size_t)g->n + 1, sizeof *c->sets);
	if (!c->sets)
		return -1;
	c->fallback = c->sets[0];
	for (size_t i = 0; i < c->lex.n; i++)
		if (c->lex.section[i].kind == LANG_DAG &&
		    read_defaults(c, &c->lex.section[i], c->sets[0]) < 0)
			return -1;
	for (size_t i = 0; i < c->lex.n; i++)
		if (c->lex.section[i].kind == LANG_DEFAULT &&
		    read_defaults(c, &c->lex.section[i], c->sets[0]) < 0)
			return -1;
	for (uint32_t i = 0; i < g->n; i++)
		if (read_defaults(c, &c->lex.section[g->section[i]],
		    c->sets[i + 1]) < 0)
			return -1;
	return 0;
}

/* what the first tasks of a group come after with all of it */
static int
put_group_after(struct compiler *c, uint32_t task)
{
	struct daggroups *g = &c->edges.groups;
	const struct daglex_section *s;
	const struct dagtext_span *v;
	uint32_t i;

	if (g->n == 0 || g->of[task] == g->n ||
	    (g->inner[task] & DAGGROUPS_UP))
		return 0;
	s = &c->lex.section[g->section[g->of[task]]];
	for (i = s[0].first; i < s[1].first; i++) {
		v = &c->lex.value[i];
		if (v->key == LANG_AFTER && v->len > 0 &&
		    dagedges_add(&c->edges, task, v, dagvalue_text(c, v), true,
		    &c->joined) < 0)
			return -1;
	}
	g->told[g->of[task]] = true;
	return 0;
}

/* a teardown comes after its setups, which are tasks */
static int
put_setups(struct compiler *c, const struct daglex_section *s, uint32_t task)
{
	const struct dagtext_span *v;
	int64_t i = c->first[LANG_TEARDOWN], when = c->first[LANG_WHEN];
	uint32_t line, col;

	if (i != DAGVALUE_NONE && when != DAGVALUE_NONE) {
		v = &c->lex.value[when];
		dagtext_place(c->lex.text, v, 0, &line, &col);
		dagerr_add(c->err, line, col, "when: a teardown has a rule of "
		    "its own: it runs if its setup did");
	}
	while ((v = dagvalue_next(c, s, LANG_TEARDOWN, &i)))
		if (dagedges_add(&c->edges, task, v, dagvalue_text(c, v),
		    true, &c->joined) < 0)
			return -1;
	return 0;
}

static int
put_after(struct compiler *c, const struct daglex_section *s, uint32_t task,
    int key)
{
	const struct dagtext_span *v;
	int64_t i = c->first[key];

	buf_reset(&c->joined);
	while ((v = dagvalue_next(c, s, key, &i)))
		if (dagedges_add(&c->edges, task, v, dagvalue_text(c, v), false,
		    &c->joined) < 0)
			return -1;
	if (put_group_after(c, task) < 0 || put_setups(c, s, task) < 0)
		return -1;
	if (c->joined.n)
		rec_put(c->out, lang_keys[key].name, buf_cstr(&c->joined));
	dagvalue_note(c, c->joined.err);
	return 0;
}

/* slots of the past are those of a schedule */
static void
check_needs(struct compiler *c, const struct daglex_section *s, int key,
    const char *list)
{
	int past = !c->slotted && c->err->total == 0 ? need_past(list) : 0;

	if (past < 0)
		dagvalue_note(c, ENOMEM);
	if (past > 0)
		dagvalue_blame(c, s, key, "needs: in the task \"%.*s\" "
		    "it is about slots of the past, but [dag] has no schedule "
		    "that has any", (int)s->namelen, c->lex.text + s->at);
}

static int
put_task(struct compiler *c, uint32_t task)
{
	const struct daglex_section *s =
	    &c->lex.section[c->edges.section[task]];
	size_t start = c->out->n;
	const char *name = c->lex.text + s->at, *value;
	const struct daggroups *g = &c->edges.groups;
	bool run = false, sub;

	c->fallback = c->sets[g->n && g->of[task] < g->n ?
	    g->of[task] + 1 : 0];
	buf_str(c->out, "task\t");
	buf_str(c->out, c->dag);
	buf_ch(c->out, '/');
	buf_add(c->out, name, s->namelen);
	dagvalue_find(c, s);
	sub = dagsub_check(c, s);
	for (int k = 0; lang_keys[k].name; k++) {
		if (k == LANG_AFTER && put_after(c, s, task, k) < 0)
			return -1;
		if (k == LANG_EACH_OF)
			dageach_put(&c->edges, task, c->out);
		if (k == LANG_AFTER || k == LANG_EACH_OF ||
		    !dagvalue_said(c, k) || (sub && dagsub_command(k)))
			continue;
		value = dagvalue_of(c, s, k);
		if (!value || (k == LANG_WHEN &&
		    c->first[LANG_TEARDOWN] != DAGVALUE_NONE))
			continue;
		run |= lang_keys[k].type == LANG_SCRIPT || k == LANG_SUB;
		if (lang_keys[k].type == LANG_NEEDS)
			check_needs(c, s, k, value);
		rec_put(c->out, lang_keys[k].name, value);
	}
	rec_end(c->out);
	if (dagclash_task(c, s) < 0)
		return -1;
	if (!run && !s->bad)
		dagerr_add(c->err, s->line, 1, "the task \"%.*s\" has no "
		    "\"run\"", (int)s->namelen, name);
	if (c->out->n - start > REC_MAX)
		dagerr_add(c->err, s->line, 1, "all that belongs to the task "
		    "\"%.*s\" is more than 16 MiB", (int)s->namelen, name);
	return 0;
}

static int
compile(struct compiler *c)
{
	if (daglex_run(&c->lex, c->err) < 0 ||
	    dagedges_init(&c->edges, c->dag, &c->lex, c->err) < 0)
		return -1;
	if (c->edges.n == 0)
		dagerr_add(c->err, 0, 0, "there is no [task NAME] in it");
	put_dag(c);
	if (read_sets(c) < 0)
		return -1;
	for (uint32_t t = 0; t < c->edges.n; t++) {
		if (put_task(c, t) < 0)
			return -1;
		if (c->out->n - c->start > OUT_MAX) {
			dagerr_add(c->err, 0, 0, "it compiles to more than "
			    "1 GiB");
			return 0;
		}
	}
	return dagcycle_report(&c->edges);
}

int
dagcompile(const char *dag, const char *file, struct buf *text,
    struct buf *out, struct dagerr *err)
{
	static char *nothing[LANG_NKEYS];
	struct compiler c = {.dag = dag, .file = file, .err = err, .out = out,
	    .start = out->n, .fallback = nothing,
	    .lex = {.text = buf_cstr(text), .size = text->n}};
	int r;

	dagclash_begin(&c);
	r = compile(&c);

	for (uint32_t i = 0; c.sets && i <= c.edges.groups.n; i++)
		for (int k = 0; k < LANG_NKEYS; k++)
			free(c.sets[i][k]);
	free(c.sets);
	dagedges_free(&c.edges);
	daglex_free(&c.lex);
	buf_free(&c.value);
	buf_free(&c.joined);
	buf_free(&c.why);
	if (r < 0 || c.error || err->total > 0)
		out->n = c.start;
	if (r < 0 || err->nomem || out->err)
		c.error = ENOMEM;
	errno = c.error;
	return c.error ? -1 : 0;
}
