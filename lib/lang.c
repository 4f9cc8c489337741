/* lang: the keys of a DAG file, in one table, and which values they take. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "become.h"
#include "cause.h"
#include "expand.h"
#include "instant.h"
#include "lang.h"
#include "launchwords.h"
#include "name.h"
#include "need.h"
#include "num.h"
#include "period.h"
#include "rule.h"
#include "slotless.h"
#include "trigger.h"
#include "tz.h"
#include "value.h"
#include "words.h"

enum {
	LIST = 1000,		/* pools or variables of a task, at most */
};

static const char no_comment[] =
    "a comment cannot follow a value, it is a line with # in column 1";

const struct lang_key *
lang_find(const char *name, size_t n, unsigned sections)
{
	for (const struct lang_key *k = lang_keys; k->name; k++)
		if ((k->sections & sections) && name[0] == k->name[0] &&
		    strncmp(k->name, name, n) == 0 && k->name[n] == '\0')
			return k;
	return NULL;
}

static void
section_names(unsigned sections, struct buf *b)
{
	static const char *const names[] = {"[dag]", "[default]", "[task]",
	    "[param]", "[group]"};
	const char *sep = "";

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (sections & 1U << i) {
			buf_str(b, sep);
			buf_str(b, names[i]);
			sep = " or ";
		}
}

void
lang_unknown(const char *name, size_t n, unsigned section, struct buf *why)
{
	const char *list[LANG_NKEYS + 1], *near = NULL;
	const struct lang_key *k = lang_find(name, n, ~0U);
	size_t count = 0;
	char word[NAME_LEN + 1];

	buf_reset(why);
	if (k) {
		buf_fmt(why, "the key \"%s\" belongs in ", k->name);
		section_names(k->sections, why);
		buf_str(why, ", not in ");
		section_names(section, why);
		return;
	}
	for (k = lang_keys; k->name; k++)
		if (k->sections & section)
			list[count++] = k->name;
	list[count] = NULL;
	if (n <= NAME_LEN) {
		memcpy(word, name, n);
		word[n] = '\0';
		near = name_nearest(word, list);
	}
	buf_str(why, "unknown key ");
	value_quote(why, name, n);
	if (near)
		buf_fmt(why, ", did you mean \"%s\"?", near);
}

/* begins a message about a value, or about a word of it */
static void
blame(struct buf *why, const char *s, const char *what)
{
	value_quote(why, s, strlen(s));
	buf_fmt(why, " %s", what);
}

/* a '#' that somebody meant as a comment: at the start or after a blank */
static bool
has_comment(const char *s)
{
	const char *p = s;

	while ((p = strchr(p, '#'))) {
		if (p == s || strchr(" \t\n", p[-1]))
			return true;
		p++;
	}
	return false;
}

static void
check_time(const struct lang_key *k, const char *v, struct buf *why)
{
	struct deadline_value deadline;
	int64_t min = 0, max;
	bool skip;

	if (k->type == LANG_DURATION) {
		if (dur_parse(v, &min) < 0)
			blame(why, v, "is not a duration such as 30s, 5m, "
			    "1h30m or 2d");
	} else if (k->type == LANG_RANGE) {
		if (range_parse(v, &min, &max) < 0)
			blame(why, v, "is not a duration such as 30s, or a "
			    "rising range of them such as 30s..5m");
	} else if (k->type == LANG_DEADLINE) {
		if (deadline_parse(v, &deadline) < 0)
			blame(why, v, "is not a duration such as 2h, nor a "
			    "time such as 06:00, which \"warn\", \"skip\" or "
			    "\"fail\" may follow");
	} else if (give_up_parse(v, &min, &skip) < 0) {
		blame(why, v, "is not a duration such as 2h, which \"fail\" "
		    "or \"skip\" may follow");
	}
	if (why->n == 0 && min < k->min)
		blame(why, v, "is less than 1s");
}

static void
check_choice(const struct lang_key *k, const char *v, struct buf *why)
{
	const char *near;
	size_t i;

	for (i = 0; k->choices[i]; i++)
		if (strcmp(v, k->choices[i]) == 0)
			return;
	blame(why, v, "is none of");
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
		blame(why, word, "is not a pool: NAME, or NAME:WEIGHT with "
		    "a weight from 1 to 64");
}

static void
check_variables(const char *v, struct buf *why)
{
	const char *fault = expand_fault(v);

	if (fault) {
		blame(why, v, "cannot be replaced: ");
		buf_str(why, fault);
	}
}

static void
check_path(const char *word, struct buf *why)
{
	if (!*word || word[strlen(word) - 1] == '/')
		blame(why, word, "is not a path that ends in a name");
	else
		check_variables(word, why);
}

static void
check_env(const char *word, struct buf *why)
{
	if (assignment_name(word) == 0)
		blame(why, word, "is not NAME=VALUE");
	else if (strncmp(word, "DAG_", 4) == 0)
		blame(why, word, "sets a name that begins with DAG_; those "
		    "are not for env");
}

static void
check_param(const char *word, struct buf *why)
{
	const char *eq = strchr(word, '=');

	if (!eq || !name_ok(word, (size_t)(eq - word)))
		blame(why, word, "is not NAME=VALUE, of a parameter");
	else
		check_variables(word, why);
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
		blame(why, word, "is neither NAME=file:PATH nor "
		    "NAME=command:COMMAND");
}

/* a code or signal; one that is both in and out is a contradiction */
static void
check_cause(char *const *word, size_t i, struct buf *why)
{
	const char *bare = word[i] + (word[i][0] == '!');

	if (cause_check(word[i]) < 0)
		blame(why, word[i], "is neither an exit code from 1 to 255 "
		    "nor a signal such as KILL, nor \"timeout\"; \"!\" before "
		    "it takes it out");
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

static void
check_name(const char *v, struct buf *why)
{
	const char *fault = name_fault(v, strlen(v));

	if (fault) {
		blame(why, v, "is not a name: ");
		buf_str(why, fault);
	}
}

static void
check_word(const struct lang_key *k, char *const *word, size_t i,
    struct buf *why)
{
	if (word[i][0] == '#') {
		buf_str(why, no_comment);
	} else if (k == &lang_keys[LANG_AFTER] &&
	    name_other(word[i], strlen(word[i]))) {
		return;
	} else if (k->type == LANG_NAMES || k->type == LANG_ASSETS) {
		check_name(word[i], why);
	} else if (k->type == LANG_PATHS) {
		check_path(word[i], why);
	} else if (k->type == LANG_EVENTS) {
		check_choice(k, word[i], why);
	} else if (k->type == LANG_POOLS) {
		check_pool(word[i], why);
	} else if (k->type == LANG_ENV) {
		check_env(word[i], why);
		if (why->n == 0)
			check_variables(word[i], why);
	} else if (k->type == LANG_PARAMS) {
		check_param(word[i], why);
	} else if (k->type == LANG_SECRETS) {
		check_secret(word[i], why);
	} else if (k->type == LANG_CAUSES) {
		check_cause(word, i, why);
	}
	if (k->type == LANG_POOLS || k->type == LANG_ENV ||
	    k->type == LANG_PARAMS || k->type == LANG_SECRETS ||
	    (k->type == LANG_ASSETS && !why->n))
		check_twice(word, i, why);
}

static void
check_list(const struct lang_key *k, const char *v, struct buf *why)
{
	size_t n;
	char **word = words_split(v, &n);

	if (!word) {
		why->err = errno == EINVAL ? 0 : errno;
		blame(why, v, "has a quote that is not closed");
		return;
	}
	if ((k->type == LANG_POOLS || k->type == LANG_ENV) && n > LIST)
		buf_fmt(why, "there are more than %d in it", LIST);
	for (size_t i = 0; i < n && why->n == 0; i++)
		check_word(k, word, i, why);
	if (why->n == 0 && k->type == LANG_POOLS && pool_slots(word, n) >
	    POOL_WEIGHT)
		buf_fmt(why, "the weights are more than %d together",
		    POOL_WEIGHT);
	if (why->n == 0 && k->type == LANG_WORDS && (n == 0 || !*word[0]))
		buf_str(why, "the first word is empty");
	free(word);
}

static void
check_plain(const struct lang_key *k, const char *v, struct buf *why)
{
	struct rule rule;
	int64_t n;
	bool yes;

	switch (k->type) {
	case LANG_NUMBER:
		if (num_parse(v, k->min, k->max, &n) < 0) {
			blame(why, v, "is not a number");
			buf_fmt(why, " from %lld to %lld", (long long)k->min,
			    (long long)k->max);
		}
		break;
	case LANG_BOOL:
		if (bool_parse(v, &yes) < 0)
			blame(why, v, "is neither yes nor no");
		break;
	case LANG_SIZE:
		if (size_parse(v, &n) < 0)
			blame(why, v, "is not a size such as 512M, of 1M on");
		break;
	case LANG_SIGNAL:
		if (cause_signal(v) == 0)
			blame(why, v, "is not a signal such as TERM or INT");
		break;
	case LANG_CHOICE:
		check_choice(k, v, why);
		break;
	case LANG_NAME:
		check_name(v, why);
		break;
	case LANG_USER:
		if (become_fault(v)) {
			blame(why, v, "cannot be: ");
			buf_str(why, become_fault(v));
		}
		break;
	case LANG_CRON:
		if (slotless_is(v)) {
			if (slotless_check(v, why) == 0)
				buf_reset(why);
			break;
		}
		if (rule_parse(&rule, tz_load("UTC"), CRON_CRONTAB, v,
		    why) == 0)
			buf_reset(why);
		rule_free(&rule);
		break;
	case LANG_ZONE:
		if (tz_check(v) < 0)
			blame(why, v, "is not a known time zone");
		break;
	case LANG_DAY:
		if (day_fault(v))
			blame(why, v, day_fault(v));
		break;
	default:
		check_time(k, v, why);
	}
}

/* a script that begins with #! needs an interpreter behind it */
static void
check_script(const char *v, struct buf *why)
{
	if (strncmp(v, "#!", 2) != 0)
		return;
	v += 2 + strspn(v + 2, " \t");
	if (*v == '\n' || *v == '\0')
		buf_str(why, "no interpreter after #!");
}

const char *
lang_check_value(const struct lang_key *k, const char *v, struct buf *why)
{
	buf_reset(why);
	switch (k->type) {
	case LANG_TEXT:
		break;
	case LANG_LINE:
	case LANG_PATH:
		if (strchr(v, '\n'))
			buf_str(why, "there is more than one line");
		else if (k->type == LANG_PATH)
			check_variables(v, why);
		break;
	case LANG_SCRIPT:
		check_script(v, why);
		break;
	case LANG_NEEDS:
		need_check(v, why);
		break;
	case LANG_OPTIONS:
		launchwords_check(v, why);
		break;
	case LANG_WORDS:
	case LANG_NAMES:
	case LANG_ASSETS:
	case LANG_POOLS:
	case LANG_ENV:
	case LANG_PARAMS:
	case LANG_CAUSES:
	case LANG_PATHS:
	case LANG_EVENTS:
	case LANG_SECRETS:
		check_list(k, v, why);
		break;
	default:
		if (has_comment(v))
			buf_str(why, no_comment);
		else
			check_plain(k, v, why);
	}
	return why->n ? buf_cstr(why) : NULL;
}

const char *
lang_check(unsigned section, const char *key, const char *value,
    struct buf *why)
{
	const struct lang_key *k = lang_find(key, strlen(key), section);

	return k ? lang_check_value(k, value, why) : NULL;
}
