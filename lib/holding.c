/* holding: who holds what others wait for: held tasks, slots of pools. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "holding.h"
#include "words.h"

void
holding_read(struct look *l, uint32_t task, struct holding *h)
{
	struct buf b = BUF_INIT;
	struct marker_line line;
	char *text;

	*h = (struct holding){0};
	look_text(l, task, &b);
	text = buf_cstr(&b);
	while (marker_next(&text, &line)) {
		if (strcmp(line.event, "hold") != 0 &&
		    strcmp(line.event, "rerun") != 0)
			continue;
		snprintf(h->when, sizeof h->when, "%s", line.when);
		marker_field(&line, "user", h->by, sizeof h->by);
		marker_field(&line, "note", h->note, sizeof h->note);
	}
	buf_free(&b);
}

/* does a task's pool= name this pool? */
static bool
uses(const struct plan *p, uint32_t task, const char *pool)
{
	struct buf value = BUF_INIT;
	const char *spec = plan_get(p, task, "pool", &value);
	char **words = spec ? words_split(spec, NULL) : NULL;
	size_t n = strlen(pool);
	bool yes = false;

	for (size_t i = 0; words && words[i] && !yes; i++)
		yes = strncmp(words[i], pool, n) == 0 &&
		    (words[i][n] == '\0' || words[i][n] == ':');
	free(words);
	buf_free(&value);
	return yes;
}

/* the users in one run; how many there are more than named */
static unsigned
in_run(struct run *r, const char *pool, unsigned named, unsigned max,
    struct buf *b)
{
	char task[TASK_LEN + 1];
	struct instance *inst;
	unsigned n = 0;

	if (faccessat(r->fd, "@active", F_OK, 0) < 0 || run_plan(r, NULL) < 0)
		return 0;
	inst = malloc(r->plan->n * sizeof *inst);
	if (!inst || run_states(r, inst) < 0) {
		free(inst);
		return 0;
	}
	for (uint32_t t = 0; t < r->plan->n; t++) {
		if (inst[t].state != STATE_RUNNING || !uses(r->plan, t, pool))
			continue;
		if (named + n++ < max)
			buf_fmt(b, "%s%s/%s/%s", named + n == 1 ? ", by " :
			    ", ", r->dag, r->name,
			    plan_name(r->plan, t, task));
	}
	free(inst);
	return n;
}

void
holding_pool(struct spool *sp, const char *pool, unsigned max, struct buf *b)
{
	struct run_entry *list;
	struct names dags;
	struct run r;
	unsigned n = 0;
	size_t runs;

	if (names_list(sp->fd, "runs", &dags) < 0)
		return;
	for (size_t i = 0; i < dags.n; i++) {
		if (!name_ok(dags.name[i], strlen(dags.name[i])) ||
		    spool_runs(sp, dags.name[i], false, &list, &runs) < 0)
			continue;
		for (size_t k = 0; k < runs; k++) {
			if (run_open(sp, dags.name[i], list[k].name, &r) < 0)
				continue;
			n += in_run(&r, pool, n, max, b);
			run_close(&r);
		}
		free(list);
	}
	if (n > max)
		buf_fmt(b, " and %u more", n - max);
	names_free(&dags);
}
