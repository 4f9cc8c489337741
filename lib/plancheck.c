/* plancheck: a plan's values, checked by the table of keys. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "each.h"
#include "lang.h"
#include "name.h"
#include "plancheck.h"
#include "rec.h"
#include "words.h"

static int
check_line(unsigned section, const char *line, size_t len, struct rec *r,
    struct buf *why)
{
	struct buf wrong = BUF_INIT;
	const char *text = NULL;

	switch (rec_parse(r, line, len)) {
	case REC_OK:
		break;
	case REC_BAD:
		buf_str(why, rec_fault(line, len));
		errno = EINVAL;
		return -1;
	default:
		return -1;
	}
	for (size_t i = 0; i < r->nfield && !text && !wrong.err; i++) {
		text = lang_check(section, r->field[i].key,
		    r->field[i].value, &wrong);
		if (text)
			buf_fmt(why, "%s: %s: %s", r->id, r->field[i].key,
			    text);
	}
	errno = wrong.err ? wrong.err : EINVAL;
	buf_free(&wrong);
	return text || errno != EINVAL ? -1 : 0;
}

/* lists of what a task does not come after, or that are none */
static int
check_each(const struct plan *p, uint32_t t, struct buf *why)
{
	char key[EACH_KEY], name[NAME_LEN + 1];
	struct buf b = BUF_INIT;
	const char *list, *fault = NULL;
	size_t n;
	char **word;
	uint32_t e;

	for (unsigned k = 0; !fault && k < EACH_LISTS && (list = plan_get(p, t,
	    each_key(key, k), &b)); k++) {
		if (!each_reference(list, &n)) {
			word = words_split(list, NULL);
			fault = word ? NULL : "a quote is not closed";
			free(word);
			continue;
		}
		for (e = p->graph.upat[t]; e < p->graph.upat[t + 1]; e++)
			if (strlen(plan_name(p, p->graph.up[e], name)) == n &&
			    memcmp(name, list, n) == 0)
				break;
		if (e == p->graph.upat[t + 1])
			fault = "it names a task that this one does not come "
			    "after";
	}
	buf_free(&b);
	if (!fault)
		return 0;
	buf_fmt(why, "%s/%s: %s: %s", p->dag, plan_name(p, t, name), key,
	    fault);
	errno = EINVAL;
	return -1;
}

/* setups that a teardown does not come after */
static int
check_setups(const struct plan *p, uint32_t t, struct buf *why)
{
	struct buf b = BUF_INIT;
	const char *w = plan_get(p, t, "teardown", &b);
	char name[NAME_LEN + 1];
	int64_t setup;
	uint32_t e;
	size_t n;
	int x = 0;

	for (; w && *w && x == 0; w += n) {
		w += strspn(w, " \t\n");
		n = strcspn(w, " \t\n");
		if (n == 0)
			break;
		setup = plan_find(p, w, n);
		for (e = p->graph.upat[t]; e < p->graph.upat[t + 1]; e++)
			if ((int64_t)p->graph.up[e] == setup)
				break;
		if (e < p->graph.upat[t + 1])
			continue;
		buf_fmt(why, "%s/%s: teardown: it does not come after %.*s",
		    p->dag, plan_name(p, t, name), (int)n, w);
		errno = EINVAL;
		x = -1;
	}
	buf_free(&b);
	return x;
}

int
plancheck(const struct plan *p, struct buf *why)
{
	struct rec r = {0};
	int x, e;

	x = check_line(LANG_DAG, p->line, p->linelen, &r, why);
	for (uint32_t t = 0; t < p->n && x == 0; t++)
		x = check_line(LANG_TASK, p->task[t].line, p->task[t].len, &r,
		    why);
	for (uint32_t t = 0; p->each && t < p->n && x == 0; t++)
		if (p->each[t])
			x = check_each(p, t, why);
	for (uint32_t t = 0; t < p->n && x == 0; t++)
		if (p->task[t].keys & PLAN_TEARDOWN)
			x = check_setups(p, t, why);
	e = errno;
	rec_free(&r);
	errno = e;
	return x;
}
