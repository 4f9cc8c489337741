/* contrast: what is not the same in two runs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contrast.h"
#include "look.h"
#include "rec.h"
#include "words.h"

struct pair {
	struct look *a, *b;
	struct view *view;
	struct id id;		/* what is being told of, in the second run */
};

static void
say(struct pair *p, const char *what, const char *a, const char *b)
{
	if (strcmp(a, b) != 0)
		view_diff(p->view, &p->id, what, a, b);
}

/* is a key of a run's record one that no two runs share? */
static bool
own(const char *key)
{
	static const char *const keys[] = { "time", "prev", "next", "created",
	    "tasks" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

/* the value of a variable among NAME=VALUE words, the last; or NULL */
static const char *
variable(char **words, const char *name, size_t n)
{
	const char *value = NULL;

	for (; words && *words; words++)
		if (strncmp(*words, name, n) == 0 && (*words)[n] == '=')
			value = *words + n + 1;
	return value;
}

/* of two lists of variables, those that are in a: unless only those that b has
 * not got are wanted */
static void
variables(struct pair *p, char **a, char **b, bool missing)
{
	const char *x, *y;
	char what[80];
	size_t n;

	for (char **w = a; w && *w; w++) {
		n = strcspn(*w, "=");
		x = variable(a, *w, n);
		y = variable(b, *w, n);
		/* each once: the one that counts */
		if (x != *w + n + 1 || (missing && y))
			continue;
		snprintf(what, sizeof what, "env.%.*s", (int)n, *w);
		say(p, what, missing ? "" : x, missing ? x : y ? y : "");
	}
}

static void
environment(struct pair *p, const char *a, const char *b)
{
	char **x = words_split(a, NULL), **y = words_split(b, NULL);

	variables(p, x, y, false);
	variables(p, y, x, true);
	free(x);
	free(y);
}

static void
records(struct pair *p, const struct rec *a, const struct rec *b)
{
	const char *v;

	for (size_t i = 0; i < a->nfield; i++) {
		v = rec_get(b, a->field[i].key);
		v = v ? v : "";
		if (strcmp(a->field[i].key, "env") == 0)
			environment(p, a->field[i].value, v);
		else if (!own(a->field[i].key))
			say(p, a->field[i].key, a->field[i].value, v);
	}
	for (size_t i = 0; i < b->nfield; i++) {
		v = b->field[i].key;
		if (own(v) || rec_get(a, v))
			continue;
		if (strcmp(v, "env") == 0)
			environment(p, "", b->field[i].value);
		else
			say(p, v, "", b->field[i].value);
	}
}

static void
lines(struct pair *p, const char *a, size_t an, const char *b, size_t bn)
{
	struct rec x = {0}, y = {0};

	if (rec_parse(&x, a, an) == REC_OK && rec_parse(&y, b, bn) == REC_OK)
		records(p, &x, &y);
	rec_free(&x);
	rec_free(&y);
}

static void
origins(struct pair *p)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	if (look_record(p->a, &a) == 0 && look_record(p->b, &b) == 0)
		lines(p, buf_cstr(&a), strcspn(buf_cstr(&a), "\n"),
		    buf_cstr(&b), strcspn(buf_cstr(&b), "\n"));
	buf_free(&a);
	buf_free(&b);
}

static void
times(struct pair *p, const struct marker_sum *a, const struct marker_sum *b)
{
	double x = strtod(a->wall, NULL), y = strtod(b->wall, NULL);
	double more = x > y ? x : y, by = x > y ? x - y : y - x;
	char text[2][40];

	if (!a->wall[0] || !b->wall[0] || by < 1 || by < more / 10)
		return;
	snprintf(text[0], sizeof text[0], "%.3fs", x);
	snprintf(text[1], sizeof text[1], "%.3fs", y);
	say(p, "elapsed", text[0], text[1]);
}

static void
outcomes(struct pair *p, uint32_t s, uint32_t t)
{
	struct marker_sum a, b;
	char text[2][16];

	look_marker(p->a, s, &a);
	look_marker(p->b, t, &b);
	say(p, "state", state_name(p->a->inst[s].state),
	    state_name(p->b->inst[t].state));
	say(p, "exit", a.signal[0] ? a.signal : a.exit, b.signal[0] ?
	    b.signal : b.exit);
	snprintf(text[0], sizeof text[0], "%u", a.attempt);
	snprintf(text[1], sizeof text[1], "%u", b.attempt);
	say(p, "attempts", text[0], text[1]);
	say(p, "host", a.host, b.host);
	times(p, &a, &b);
}

static void
tasks(struct pair *p)
{
	const struct plan *a = p->a->plan, *b = p->b->plan;
	int64_t s;

	for (uint32_t t = 0; t < a->n; t++) {
		plan_name(a, t, p->id.task);
		if (plan_find(b, p->id.task, strlen(p->id.task)) < 0)
			say(p, "task", "there", "");
	}
	for (uint32_t t = 0; t < b->n; t++) {
		plan_name(b, t, p->id.task);
		s = plan_find(a, p->id.task, strlen(p->id.task));
		if (s < 0) {
			say(p, "task", "", "there");
			continue;
		}
		lines(p, a->task[s].line, a->task[s].len, b->task[t].line,
		    b->task[t].len);
		outcomes(p, (uint32_t)s, t);
	}
}

int
contrast(struct spool *sp, const struct id *first, const struct id *second,
    struct view *v, const struct id **bad, struct buf *why)
{
	struct look a, b;
	struct pair p = { &a, &b, v, *second };

	*bad = first;
	if (look_open(sp, first, &a, why) < 0)
		return -1;
	*bad = second;
	if (look_open(sp, second, &b, why) < 0) {
		int e = errno;

		look_close(&a);
		errno = e;
		return -1;
	}
	p.id = b.id;
	say(&p, "state", run_state_name(a.state), run_state_name(b.state));
	origins(&p);
	lines(&p, a.plan->line, a.plan->linelen, b.plan->line,
	    b.plan->linelen);
	tasks(&p);
	look_close(&a);
	look_close(&b);
	return 0;
}
