/* launchsettle: a batch: what the spool, then what its engine says of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launchsettle.h"
#include "verdict.h"

enum { PATIENCE = 5 };		/* questions, after 2, 4, 8, 16, 30 seconds */

void
launchsettle_begin(struct launchsettle *l, struct spool *sp)
{
	*l = (struct launchsettle){.sorted = true};
	launchlook_begin(&l->look, sp);
}

void
launchsettle_end(struct launchsettle *l)
{
	launchlook_end(&l->look);
	buf_free(&l->lost);
	buf_free(&l->idle);
	free(l->covered);
	launchpool_free(&l->pools);
}

static int
cover(struct launchsettle *l, const char *task)
{
	size_t cap = l->cap ? 2 * l->cap : 1024;
	const char **grown;

	if (l->ncovered == l->cap) {
		grown = realloc(l->covered, cap * sizeof *grown);
		if (!grown)
			return -1;
		l->covered = grown;
		l->cap = cap;
	}
	l->covered[l->ncovered++] = task;
	l->sorted = false;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool
launchsettle_covered(struct launchsettle *l, const char *id)
{
	if (!l->sorted)
		qsort(l->covered, l->ncovered, sizeof *l->covered, by_name);
	l->sorted = true;
	return l->ncovered > 0 && bsearch(&id, l->covered, l->ncovered,
	    sizeof id, by_name);
}

/* remembers a run in which something is to be recovered */
static void
note_lost(struct launchsettle *l, const char *id)
{
	struct buf line = BUF_INIT;

	/* whole: the name of another may end with it */
	buf_fmt(&line, "\n%.*s\n", (int)(strrchr(id, '/') - id), id);
	if (!line.err && !strstr(buf_cstr(&l->lost), line.p))
		buf_add(&l->lost, line.p, line.n);
	buf_free(&line);
}

/* an element as it is looked at */
struct element {
	unsigned number;
	size_t from, to;	/* its tasks */
	bool closed, end;	/* before; it will start nothing any more */
	char word[BATCH_WORD];
	const char *detail;
	unsigned n[FATE_FAILED + 1];
};

static void
element_of(struct element *e, struct batch_state *s, unsigned number)
{
	const struct batch *b = &s->batch;
	const char *said = s->said ? s->said[number - 1] : "unknown";

	*e = (struct element){.number = number, .detail = ""};
	e->from = (size_t)(number - 1) * b->pack;
	e->to = e->from + b->pack < b->n ? e->from + b->pack : b->n;
	e->closed = b->word[number - 1][0];
	if (e->closed) {
		e->end = true;
		snprintf(e->word, sizeof e->word, "%s", b->word[number - 1]);
	} else if (s->refused.n > 0) {
		e->end = true;
		snprintf(e->word, sizeof e->word, "lost-launch");
		e->detail = buf_cstr(&s->refused);
	} else if (b->id[0] && launcher_end(said, e->word)) {
		e->end = true;
		e->detail = said + strcspn(said, " ");
		e->detail += *e->detail == ' ';
	}
}

/* what an end means for a task: what waits is given up, or (its node was gone
 * before) given to others; what ran and has died is recovered with that word */
static int
end_task(struct launchsettle *l, struct batch_state *s,
    const struct element *e, size_t task, int fate)
{
	int x;

	if (fate == FATE_DEAD)
		note_lost(l, s->batch.task[task]);
	if (fate != FATE_WAITS || verdict_free(e->word))
		return 0;
	x = launchlook_spend(&l->look, &s->batch, task, e->word, e->detail,
	    s->refused.n > 0);
	l->failed += x == 2;
	return x < 0 ? -1 : 0;
}

/* does it stand in the engine's queue for nothing? 1, 0, -1 */
static int
is_idle(struct launchsettle *l, const struct batch *b,
    const struct element *e)
{
	int x = 0;

	for (size_t t = e->from; t < e->to && x == 0; t++)
		x = launchlook_began(&l->look, b, t);
	return x < 0 ? -1 : x == 0;
}

/* it was asked several times, and does not know that what it started is dead:
 * the kernel does */
static void
give_over(struct launchsettle *l, struct batch_state *s, struct element *e)
{
	bool dead = false;

	for (size_t t = e->from; t < e->to && !dead; t++)
		dead = launchlook_fate(&l->look, &s->batch, t) == FATE_DEAD;
	if (!dead)
		return;
	e->end = true;
	snprintf(e->word, sizeof e->word, "lost-node");
	e->detail = s->said[e->number - 1];
}

static int
settle_element(struct launchsettle *l, struct batch_state *s, unsigned number,
    unsigned *failed)
{
	struct batch *b = &s->batch;
	struct element e;
	int f, idle;

	element_of(&e, s, number);
	if (!e.end && !b->spool->shared && s->said &&
	    s->launcher->engine.tries >= PATIENCE)
		give_over(l, s, &e);
	for (size_t t = e.from; t < e.to; t++) {
		f = launchlook_fate(&l->look, b, t);
		if (f < 0)
			return -1;
		e.n[f]++;
		if (e.end ? end_task(l, s, &e, t, f) < 0 :
		    f == FATE_WAITS && cover(l, b->task[t]) < 0)
			return -1;
	}
	if (!e.end && e.n[FATE_OVER] + e.n[FATE_FAILED] == e.to - e.from) {
		idle = s->batch.id[0] ? is_idle(l, b, &e) : 0;
		if (idle < 0)
			return -1;
		if (idle) {
			buf_fmt(&l->idle, "%u\n", number);
			*failed += e.n[FATE_FAILED];
			return 0;
		}
		snprintf(e.word, sizeof e.word, "over");
		e.end = true;
	}
	if (e.end && !e.closed && batch_end(b, number, e.word, e.detail) < 0)
		return -1;
	if (!e.end && e.n[FATE_WAITS] > 0 && e.n[FATE_RUNS] == 0 &&
	    launchpool_take(&l->pools, b->spool, rec_get(&b->rec, "pool"),
	    1) < 0)
		return -1;
	s->launcher->open += !e.end;
	/* that it says why, it has to be asked */
	s->launcher->happened |= !e.end && e.n[FATE_DEAD] > 0;
	/* its words are looked for by who recovers what is lost */
	s->gone &= e.end && e.n[FATE_RUNS] + e.n[FATE_DEAD] == 0;
	*failed += e.n[FATE_FAILED];
	return 0;
}

/* what stands in a queue for nothing is closed when it is out of it, so that
 * who comes next takes it out if we do not live to, or have no answer */
static int
cancel_idle(struct launchsettle *l, struct batch_state *s)
{
	char *line, *save;
	bool out;

	if (l->idle.err)
		return -1;
	if (l->idle.n == 0)
		return 0;
	out = l->cancel && !launcher_rests(s->launcher) &&
	    launcher_cancel(s, &l->idle);
	for (line = strtok_r(buf_cstr(&l->idle), "\n", &save); line;
	    line = strtok_r(NULL, "\n", &save))
		if (!out)
			s->launcher->open++;
		else if (batch_end(&s->batch, (unsigned)strtoul(line, NULL, 10),
		    "over", "") < 0)
			return -1;
	s->gone &= out;
	l->idled |= !out;
	return 0;
}

int
launchsettle(struct launchsettle *l, struct batch_state *s)
{
	unsigned failed = 0;

	s->gone = true;
	buf_reset(&l->idle);
	for (unsigned i = 1; i <= s->batch.elements; i++)
		if (settle_element(l, s, i, &failed) < 0)
			return -1;
	if (cancel_idle(l, s) < 0)
		return -1;
	if (s->gone)
		l->failed += failed;
	return 0;
}
