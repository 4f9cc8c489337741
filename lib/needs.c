/* needs: which of the files that a task needs are there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "needs.h"
#include "rec.h"
#include "slots.h"
#include "tz.h"
#include "world.h"

enum { MISSING = 1 << 20 };	/* bytes of names that are kept */

/* a look at the needs of a task */
struct look {
	struct run *run;
	uint32_t task;
	struct world_run common;	/* of its run, as it is */
	struct slots slots;
	bool slotted;		/* they are loaded */
	int64_t time;		/* the run's own */
};

static const char *
look_up(const char *name, size_t n, void *arg)
{
	return expand_find(arg, name, n);
}

/* are there files of that name, or pattern, and how many? */
static int
count(const char *word, const char *dir, const struct expand *x,
    struct buf *why, int64_t *n)
{
	struct buf paths = BUF_INIT;
	int r = expand_path(&paths, word, dir, strpbrk(word, "*?[") != NULL, x,
	    why);

	*n = 0;
	for (const char *p = paths.p; r == 0 && p < paths.p + paths.n;
	    p += strlen(p) + 1)
		*n += access(p, F_OK) == 0;
	buf_free(&paths);
	return r < 0 ? -1 : 0;
}

/* the path of a slot (NULL: of the run itself): is it there? */
static int
look_one(struct look *l, const struct world_run *wr, struct needs_seen *s,
    int64_t *n)
{
	struct world w = {0};
	struct buf why = BUF_INIT;
	struct expand x = {look_up, &w.text};
	const char *dir;
	int r;

	*n = 0;
	r = world_env(&w, wr, l->run, l->task, 1, &why);
	dir = r == 0 ? expand_find(&w.text, "PWD", 3) : NULL;
	if (r == 0)
		r = count(s->word, dir ? dir : "/", &x, &why, n);
	/* what it lacks, as it would be called */
	if (r == 0 && *n < (s->need.range ? 1 : s->wanted) &&
	    s->missing.n < MISSING)
		r = expand_path(&s->missing, s->word, dir ? dir : "/", false,
		    &x, &why);
	if (r < 0 && errno == EINVAL) {
		r = 0;
		buf_reset(&s->why);
		buf_str(&s->why, buf_cstr(&why));
	}
	buf_free(&why);
	world_free(&w);
	return r;
}

static void
put_slot(struct buf *b, const struct slots *s, const char *what, int64_t t)
{
	char text[INSTANT_LEN];

	instant_format(text, t, tz_offset(s->zone, t));
	buf_fmt(b, "DAG_%sTIME=%s", what, text);
	buf_ch(b, '\0');
	buf_fmt(b, "DAG_%sDATE=%.10s", what, text);
	buf_ch(b, '\0');
}

/* the same, as if the run were of another slot */
static int
look_slot(struct look *l, struct needs_seen *s, int64_t t)
{
	struct world_run wr = l->common;
	int64_t at, n;
	int r;

	wr.env = (struct buf){0};
	put_slot(&wr.env, &l->slots, "", t);
	if (slots_before(&l->slots, t, &at) == 0)
		put_slot(&wr.env, &l->slots, "PREV_", at);
	if (slots_after(&l->slots, t, &at) == 0)
		put_slot(&wr.env, &l->slots, "NEXT_", at);
	/* the first of a name counts */
	buf_add(&wr.env, l->common.env.p, l->common.env.n);
	errno = wr.env.err;
	r = wr.env.err ? -1 : look_one(l, &wr, s, &n);
	buf_free(&wr.env);
	s->found += r == 0 && n > 0;
	return r;
}

static int
load_slots(struct look *l)
{
	const struct plan *p = l->run->plan;
	struct buf why = BUF_INIT;
	struct rec dag = {0};
	int r = -1;

	if (l->slotted)
		return 0;
	errno = ENOMEM;
	if (rec_parse(&dag, p->line, p->linelen) == REC_OK)
		r = slots_make(&l->slots, &dag, &why);
	if (r < 0 && why.n)
		errno = EINVAL;
	l->slotted = r == 0;
	rec_free(&dag);
	buf_free(&why);
	return r;
}

/* from the latest to the oldest; those before its start are none */
static int
look_range(struct look *l, struct needs_seen *s)
{
	int64_t t = l->time, n;
	int r = load_slots(l);

	for (int64_t k = 0; r == 0 && k >= s->need.from; k--) {
		if (k < 0 && (slots_before(&l->slots, t, &t) < 0 ||
		    t < l->slots.start))
			break;
		if (k > s->need.to)
			continue;
		s->slots++;
		if (k == 0) {
			r = look_one(l, &l->common, s, &n);
			s->found += r == 0 && n > 0;
		} else
			r = look_slot(l, s, t);
	}
	s->wanted = s->need.min && s->need.min < s->slots ? s->need.min :
	    s->slots;
	return r;
}

bool
needs_met(const struct needs_seen *s)
{
	return s->found >= s->wanted;
}

/* all of a list, one by one */
static int
look_all(struct look *l, const char *list,
    int (*f)(const struct needs_seen *, void *), void *arg)
{
	char *path = malloc(strlen(list) + 1);
	struct needs_seen s = {.word = path};
	struct buf why = BUF_INIT;
	int r = path ? 0 : -1, more;

	while (r == 0) {
		more = need_next(&list, path, &s.need, &why);
		if (more < 0)
			errno = why.n ? EINVAL : ENOMEM;
		if (more <= 0) {
			r = more;
			break;
		}
		s.found = s.slots = 0;
		s.wanted = s.need.min ? s.need.min : 1;
		buf_reset(&s.missing);
		buf_reset(&s.why);
		r = s.need.range ? look_range(l, &s) :
		    look_one(l, &l->common, &s, &s.found);
		if (r == 0)
			r = f(&s, arg);
	}
	buf_free(&s.missing);
	buf_free(&s.why);
	buf_free(&why);
	free(path);
	return r;
}

int
needs_each(struct run *r, uint32_t task,
    int (*f)(const struct needs_seen *, void *), void *arg)
{
	struct look l = {.run = r, .task = task};
	struct buf list = BUF_INIT;
	const char *needs = plan_get(r->plan, task, "needs", &list);
	int x = 0, e;

	if (needs && world_run_load(&l.common, r) < 0)
		x = -1;
	else if (needs && run_name_parse(r->name, &l.time, NULL, NULL) == 0) {
		l.common.targets = false;
		x = look_all(&l, needs, f, arg);
	}
	e = errno;
	world_run_free(&l.common);
	slots_free(&l.slots);
	buf_free(&list);
	errno = e;
	return x;
}
