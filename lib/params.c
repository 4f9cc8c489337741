/* params: the parameters that a DAG declares, and the values they may have. */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "num.h"
#include "params.h"
#include "value.h"
#include "words.h"

static int
wrong(struct buf *why, const char *value, const char *what)
{
	value_quote(why, value, strlen(value));
	buf_fmt(why, " %s", what);
	return -1;
}

static int
check_type(const char *type, const char *value, struct buf *why)
{
	struct civil day;
	int64_t n;
	bool yes;

	if (strcmp(type, "number") == 0)
		return num_parse(value, INT64_MIN, INT64_MAX, &n) == 0 ? 0 :
		    wrong(why, value, "is not a number");
	if (strcmp(type, "boolean") == 0)
		return bool_parse(value, &yes) == 0 ? 0 :
		    wrong(why, value, "is neither yes nor no");
	if (strcmp(type, "duration") == 0)
		return dur_parse(value, &n) == 0 ? 0 :
		    wrong(why, value, "is not a duration such as 30s or "
		    "1h30m");
	if (strcmp(type, "day") == 0)
		return day_parse(value, &day) == 0 ? 0 :
		    wrong(why, value, "is not a day such as 2012-01-31");
	return 0;
}

static int
check_choice(const char *choices, const char *value, struct buf *why)
{
	char **words = words_split(choices, NULL);
	bool found = false;

	if (!words && errno == ENOMEM)
		why->err = errno;
	for (size_t i = 0; words && words[i]; i++)
		found |= strcmp(words[i], value) == 0;
	free(words);
	if (found)
		return 0;
	wrong(why, value, "is none of ");
	buf_str(why, choices);
	return -1;
}

/* the whole value, not a part of it; in why only that memory failed */
static int
compile(regex_t *re, const char *match, struct buf *why)
{
	struct buf b = BUF_INIT;
	int x;

	buf_fmt(&b, "^(%s)$", match);
	x = b.err ? REG_ESPACE : 0;
	if (x == 0)
		x = regcomp(re, buf_cstr(&b), REG_EXTENDED | REG_NOSUB);
	if (x == REG_ESPACE)
		why->err = ENOMEM;
	buf_free(&b);
	return x;
}

int
param_match_check(const char *match, struct buf *why)
{
	char text[128];
	regex_t re;
	int x = compile(&re, match, why);

	if (x == 0) {
		regfree(&re);
		return 0;
	}
	regerror(x, &re, text, sizeof text);
	wrong(why, match, "is not a regular expression: ");
	buf_str(why, text);
	return -1;
}

static int
check_match(const char *match, const char *value, struct buf *why)
{
	regex_t re;
	int x = compile(&re, match, why);

	if (x == 0) {
		x = regexec(&re, value, 0, NULL, 0);
		regfree(&re);
	}
	if (x == 0)
		return 0;
	wrong(why, value, "does not match ");
	buf_str(why, match);
	return -1;
}

int
param_check(const struct param *p, const char *value, struct buf *why)
{
	if (p->type && check_type(p->type, value, why) < 0)
		return -1;
	if (p->choices && check_choice(p->choices, value, why) < 0)
		return -1;
	return p->match ? check_match(p->match, value, why) : 0;
}

/* the fields of a dag record; they live as long as it does */
static struct param
declared(const struct rec *dag, const char *name)
{
	static const char *const parts[] = {"", ".default", ".choices",
	    ".match"};
	const char *v[4];
	char key[2 * NAME_LEN];

	for (int i = 0; i < 4; i++) {
		snprintf(key, sizeof key, "param.%.*s%s", NAME_LEN, name,
		    parts[i]);
		v[i] = rec_get(dag, key);
	}
	return (struct param){v[0], v[1], v[2], v[3]};
}

/* the name of a parameter that a field of a record is about, or NULL */
static const char *
param_name(const struct rec_field *f)
{
	return strncmp(f->key, "param.", 6) == 0 && !strchr(f->key + 6, '.') ?
	    f->key + 6 : NULL;
}

static int
check_one(const struct rec *dag, const struct rec_field *f, struct buf *why)
{
	const char *name = param_name(f);
	struct param p;

	if (!name)
		return 0;
	p = declared(dag, name);
	if (p.type) {
		buf_fmt(why, "parameter %s: ", name);
		return param_check(&p, f->value, why);
	}
	buf_fmt(why, "there is no parameter \"%s\"; there are", name);
	for (size_t i = 0; i < dag->nfield; i++)
		if (param_name(&dag->field[i]))
			buf_fmt(why, " %s", dag->field[i].key + 6);
	return -1;
}

/* the record of a DAG that declares parameters: 1, 0 it declares none, -1 */
static int
read_dag(const struct plan *p, struct rec *dag)
{
	if (!memmem(p->line, p->linelen, "\tparam.", 7))
		return 0;
	if (rec_parse(dag, p->line, p->linelen) == REC_OK)
		return 1;
	rec_free(dag);
	return -1;
}

int
params_check(const struct plan *p, const struct rec *run, struct buf *why)
{
	struct rec dag = {0};
	const char *name;
	char key[2 * NAME_LEN];
	int x = read_dag(p, &dag);

	if (x <= 0)
		return x;
	x = 0;
	for (size_t i = 0; i < run->nfield && x == 0; i++) {
		buf_reset(why);
		x = check_one(&dag, &run->field[i], why);
	}
	for (size_t i = 0; i < dag.nfield && x == 0; i++) {
		name = param_name(&dag.field[i]);
		if (!name)
			continue;
		snprintf(key, sizeof key, "%.80s.default", dag.field[i].key);
		if (rec_get(run, dag.field[i].key) || rec_get(&dag, key))
			continue;
		buf_reset(why);
		buf_fmt(why, "the parameter \"%s\" has no default: say %s=",
		    name, name);
		x = -1;
	}
	if (x == 0)
		buf_reset(why);
	rec_free(&dag);
	errno = why->err ? why->err : EINVAL;
	return x;
}

int
params_defaults(const struct plan *p, const struct rec *run, struct buf *b)
{
	struct rec dag = {0};
	char key[2 * NAME_LEN];
	const char *v;
	int x = read_dag(p, &dag);

	for (size_t i = 0; x > 0 && i < dag.nfield; i++) {
		if (!param_name(&dag.field[i]) ||
		    rec_get(run, dag.field[i].key))
			continue;
		snprintf(key, sizeof key, "%.80s.default", dag.field[i].key);
		v = rec_get(&dag, key);
		if (v)
			rec_put(b, dag.field[i].key, v);
	}
	rec_free(&dag);
	return x < 0 ? -1 : 0;
}
