/* dagclash: what the keys of one section have against each other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dagclash.h"
#include "expand.h"
#include "num.h"
#include "value.h"
#include "words.h"

enum {
	ONCE, RETRIES, NOTIFY, NOTIFY_ON, USER, OUTPUT, INPUTS, START_BY,
	END_BY, ENV, SECRET,
};

static const char *const names[DAGVALUE_CLASHES] = {"once", "retries",
    "notify", "notify-on", "user", "output", "inputs", "start-by", "end-by",
    "env", "secret"};

void
dagclash_begin(struct compiler *c)
{
	for (int i = 0; i < DAGVALUE_CLASHES; i++)
		c->clash[i] = (int)(lang_find(names[i], strlen(names[i]),
		    LANG_TASK) - lang_keys);
}

/* is it said in the section itself? by it or what it has from [default]? */
static bool
own(const struct compiler *c, int key)
{
	return c->first[key] != DAGVALUE_NONE;
}

static bool
has(const struct compiler *c, int key)
{
	return c->first[key] != DAGVALUE_NONE ||
	    (c->fallback[key] && !c->undone[key]);
}

/* the value of a key that does not repeat, or ""; until the next is asked */
static const char *
text(struct compiler *c, int key)
{
	if (c->first[key] != DAGVALUE_NONE)
		return dagvalue_text(c, &c->lex.value[c->first[key]]);
	return has(c, key) ? c->fallback[key] : "";
}

/* all that the section itself has in a list: as words_split */
static char **
list(struct compiler *c, const struct daglex_section *s, int key, size_t *n)
{
	int64_t i = c->first[key];
	const struct dagtext_span *v;
	struct buf all = BUF_INIT;
	char **word = NULL;

	while ((v = dagvalue_next(c, s, key, &i))) {
		buf_str(&all, dagvalue_text(c, v));
		buf_ch(&all, '\n');
	}
	if (!all.err)
		word = words_split(buf_cstr(&all), n);
	/* a quote that is not closed has been told of */
	if (!word && (all.err || errno == ENOMEM))
		c->error = ENOMEM;
	buf_free(&all);
	return word;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* a word that a list has twice */
static void
check_twice(struct compiler *c, const struct daglex_section *s, int key)
{
	char **word;
	size_t n;

	if (!own(c, key) || !(word = list(c, s, key, &n)))
		return;
	qsort(word, n, sizeof *word, by_text);
	for (size_t i = 1; i < n; i++)
		if (strcmp(word[i - 1], word[i]) == 0) {
			dagvalue_blame(c, s, key, "%s: \"%s\" is there twice",
			    lang_keys[key].name, word[i]);
			break;
		}
	free(word);
}

/* names of the two lists that are the same as variables */
static void
check_names(struct compiler *c, const struct daglex_section *s, int key,
    int other)
{
	char **a, **b = NULL;
	size_t n, m;

	if (!own(c, key) || !own(c, other) || !(a = list(c, s, key, &n)))
		return;
	b = list(c, s, other, &m);
	for (size_t i = 0; b && i < n; i++)
		for (size_t k = 0; k < m; k++)
			if (same_name(a[i], b[k]))
				dagvalue_blame(c, s, key, "%s: \"%.*s\" is in "
				    "\"%s\" too", lang_keys[key].name,
				    (int)strcspn(a[i], "="), a[i],
				    lang_keys[other].name);
	free(a);
	free(b);
}

/* are two assignments to one variable, though not to one name? */
static bool
same_variable(const char *a, const char *b)
{
	if (same_name(a, b))
		return false;
	for (; *a && *a != '=' && (*a == *b || (strchr("-_", *a) && *b &&
	    strchr("-_", *b))); a++, b++)
		;
	return *a == '=' && *b == '=';
}

/* parameters that would be one variable */
static void
check_params(struct compiler *c, const struct daglex_section *s)
{
	char **word;
	size_t n;

	if (!own(c, LANG_SUB_PARAMS) ||
	    !(word = list(c, s, LANG_SUB_PARAMS, &n)))
		return;
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (same_variable(word[i], word[k])) {
				dagvalue_blame(c, s, LANG_SUB_PARAMS,
				    "params: \"%.*s\" is called as \"%.*s\", "
				    "for in variables \"-\" is \"_\"",
				    (int)strcspn(word[i], "="), word[i],
				    (int)strcspn(word[k], "="), word[k]);
				i = n - 1;
				break;
			}
	free(word);
}

/* events without anybody to tell of them */
static void
check_told(struct compiler *c, const struct daglex_section *s)
{
	if (has(c, c->clash[NOTIFY_ON]) && !has(c, c->clash[NOTIFY]))
		dagvalue_blame(c, s, c->clash[NOTIFY_ON], "there is "
		    "\"notify-on\", but no \"notify\" that says what is to be "
		    "run then");
}

/* what is to run once cannot be in what may start again */
static void
check_once(struct compiler *c, const struct daglex_section *s)
{
	const char *again = c->fallback[LANG_GROUP_RETRIES];
	int64_t n;

	if (strcmp(text(c, c->clash[ONCE]), "yes") != 0)
		return;
	if (again && num_parse(again, 1, 1000, &n) == 0)
		dagvalue_blame(c, s, c->clash[ONCE], "the task \"%.*s\" is "
		    "\"once\", but its group has \"group-retries\", and starts "
		    "again with it", (int)s->namelen, c->lex.text + s->at);
	if (own(c, c->clash[RETRIES]) &&
	    num_parse(text(c, c->clash[RETRIES]), 1, 1000, &n) == 0)
		dagvalue_blame(c, s, c->clash[RETRIES], "retries: the task "
		    "\"%.*s\" is \"once\", and never tried again",
		    (int)s->namelen, c->lex.text + s->at);
}

/* of two durations; what is a time of day may be on either side */
static void
check_deadlines(struct compiler *c, const struct daglex_section *s)
{
	struct deadline_value start, end;

	if (own(c, c->clash[START_BY]) && own(c, c->clash[END_BY]) &&
	    deadline_parse(text(c, c->clash[START_BY]), &start) == 0 &&
	    deadline_parse(text(c, c->clash[END_BY]), &end) == 0 &&
	    !start.clock && !end.clock && start.seconds > end.seconds)
		dagvalue_blame(c, s, c->clash[START_BY], "start-by: it is "
		    "later than end-by");
}

/* outputs that all instances of a mapped task would have in common */
static void
check_outputs(struct compiler *c, const struct daglex_section *s)
{
	char **word;
	size_t n;

	if (!own(c, LANG_EACH_OF) || !own(c, c->clash[OUTPUT]) ||
	    !(word = list(c, s, c->clash[OUTPUT], &n)))
		return;
	for (size_t i = 0; i < n; i++)
		if (!expand_any(word[i])) {
			dagvalue_blame(c, s, c->clash[OUTPUT], "output: \"%s\""
			    " is the same for all instances: there is no "
			    "$DAG_ITEM in it", word[i]);
			break;
		}
	free(word);
}

struct place {
	struct compiler *c;
	const struct daglex_section *s;
};

static void
check_setup(void *arg, const char *word, const struct dagtext_span *v,
    size_t off)
{
	struct place *at = arg;
	struct compiler *c = at->c;
	uint32_t up = dagedges_find(&c->edges, word, strlen(word)), line, col;

	if (up == UINT32_MAX || dagedges_section(&c->edges, up) == at->s ||
	    !dagedges_has(&c->edges, dagedges_section(&c->edges, up),
	    LANG_TEARDOWN))
		return;
	dagtext_place(c->lex.text, v, off, &line, &col);
	dagerr_add(c->err, line, col, "teardown: \"%s\" is a teardown itself, "
	    "and so no setup", word);
}

int
dagclash_task(struct compiler *c, const struct daglex_section *s)
{
	struct place at = {c, s};

	check_told(c, s);
	check_once(c, s);
	check_deadlines(c, s);
	check_names(c, s, c->clash[SECRET], c->clash[ENV]);
	check_params(c, s);
	check_twice(c, s, c->clash[OUTPUT]);
	check_twice(c, s, c->clash[INPUTS]);
	check_twice(c, s, LANG_TEARDOWN);
	check_outputs(c, s);
	if (has(c, c->clash[USER]) && (has(c, c->clash[OUTPUT]) ||
	    has(c, c->clash[INPUTS])))
		dagvalue_blame(c, s, c->clash[USER], "the task \"%.*s\" has "
		    "\"user\", and \"output\" or \"inputs\", which root would "
		    "publish, or read, for him", (int)s->namelen,
		    c->lex.text + s->at);
	return c->first[LANG_TEARDOWN] == DAGVALUE_NONE ? 0 :
	    dagedges_words(&c->edges, s, LANG_TEARDOWN, check_setup, &at);
}

/* what only a task can come to */
static bool
tasks_only(const char *event)
{
	return strcmp(event, "skip") == 0 || strcmp(event, "lost") == 0;
}

int
dagclash_dag(struct compiler *c, const struct daglex_section *s)
{
	char **word;
	size_t n;

	check_told(c, s);
	if (!own(c, c->clash[NOTIFY_ON]))
		return 0;
	word = list(c, s, c->clash[NOTIFY_ON], &n);
	for (size_t i = 0; word && i < n; i++)
		if (tasks_only(word[i])) {
			dagvalue_blame(c, s, c->clash[NOTIFY_ON], "notify-on: "
			    "a run is neither skipped nor lost: in [dag] there "
			    "are success, failure, retry and deadline");
			break;
		}
	free(word);
	return 0;
}
