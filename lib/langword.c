/* langword: a word of a list in a DAG file, checked. */
#include <string.h>

#include "cause.h"
#include "expand.h"
#include "langword.h"
#include "name.h"
#include "value.h"

const char lang_no_comment[] =
    "a comment cannot follow a value, it is a line with # in column 1";

void
lang_blame(struct buf *why, const char *s, const char *what)
{
	value_quote(why, s, strlen(s));
	buf_fmt(why, " %s", what);
}

void
langword_choice(const struct lang_key *k, const char *v, struct buf *why)
{
	const char *near;
	size_t i;

	for (i = 0; k->choices[i]; i++)
		if (strcmp(v, k->choices[i]) == 0)
			return;
	lang_blame(why, v, "is none of");
	for (i = 0; k->choices[i]; i++)
		buf_fmt(why, "%s %s", i ? "," : "", k->choices[i]);
	near = name_nearest(v, k->choices);
	if (near)
		buf_fmt(why, "; did you mean \"%s\"?", near);
}

static void
check_pool(const char *word, struct buf *why)
{
	int64_t weight;
	size_t n;

	if (pool_parse(word, &n, &weight) < 0)
		lang_blame(why, word, "is not a pool: NAME, or NAME:WEIGHT "
		    "with a weight from 1 to 10000");
}

void
langword_variables(const char *v, struct buf *why)
{
	if (expand_fault(v)) {
		lang_blame(why, v, "cannot be replaced: ");
		buf_str(why, expand_fault(v));
	}
}

static void
check_path(const char *word, struct buf *why)
{
	if (!*word || word[strlen(word) - 1] == '/')
		lang_blame(why, word, "is not a path that ends in a name");
	else
		langword_variables(word, why);
}

static void
check_env(const char *word, struct buf *why)
{
	if (assignment_name(word) == 0)
		lang_blame(why, word, "is not NAME=VALUE");
	else if (strncmp(word, "DAG_", 4) == 0)
		lang_blame(why, word, "sets a name that begins with DAG_; "
		    "those are not for env");
	else
		langword_variables(word, why);
}

static void
check_secret(const char *word, struct buf *why)
{
	const char *from = strchr(word, '=');
	size_t n = from ? strcspn(++from, ":") : 0;
	bool file = n == 4 && strncmp(from, "file:", 5) == 0;
	bool command = n == 7 && strncmp(from, "command:", 8) == 0;

	check_env(word, why);
	if (why->n == 0 && !((file || command) && from[n + 1]))
		lang_blame(why, word, "is neither NAME=file:PATH nor "
		    "NAME=command:COMMAND");
}

/* a code or signal; one that is both in and out is a contradiction */
static void
check_cause(char *const *word, size_t i, struct buf *why)
{
	const char *bare = word[i] + (word[i][0] == '!');

	if (cause_check(word[i]) < 0)
		lang_blame(why, word[i], "is neither an exit code from 1 to "
		    "255 nor a signal such as KILL, nor \"timeout\"; \"!\" "
		    "before it takes it out");
	for (size_t j = 0; j < i && why->n == 0; j++)
		if (strcmp(word[j] + (word[j][0] == '!'), bare) == 0) {
			value_quote(why, bare, strlen(bare));
			buf_str(why, " is there twice");
		}
}

static void
check_twice(char *const *word, size_t i, struct buf *why)
{
	for (size_t j = 0; j < i && why->n == 0; j++)
		if (same_name(word[j], word[i])) {
			value_quote(why, word[i], strcspn(word[i], "=:"));
			buf_str(why, " is there twice");
		}
}

void
langword_name(const char *v, struct buf *why)
{
	const char *fault = name_fault(v, strlen(v));

	if (fault) {
		lang_blame(why, v, "is not a name: ");
		buf_str(why, fault);
	}
}

void
langword_check(const struct lang_key *k, char *const *word, size_t i,
    struct buf *why)
{
	if (word[i][0] == '#') {
		buf_str(why, lang_no_comment);
	} else if (k->type == LANG_NAMES) {
		langword_name(word[i], why);
	} else if (k->type == LANG_PATHS) {
		check_path(word[i], why);
	} else if (k->type == LANG_POOLS) {
		check_pool(word[i], why);
	} else if (k->type == LANG_ENV) {
		check_env(word[i], why);
	} else if (k->type == LANG_SECRETS) {
		check_secret(word[i], why);
	} else if (k->type == LANG_EVENTS) {
		langword_choice(k, word[i], why);
	} else if (k->type == LANG_CAUSES) {
		check_cause(word, i, why);
	}
	if (k->type == LANG_POOLS || k->type == LANG_ENV ||
	    k->type == LANG_SECRETS)
		check_twice(word, i, why);
}
