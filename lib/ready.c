/* ready: the ready tasks that a dagexec knows of, in the order of claims. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planmap.h"
#include "ready.h"

void
ready_order(struct ready_task *t, const struct plan *p, uint32_t task)
{
	t->order = planmap_of(p, task);
	t->part = planmap_instance(p, task) ? task : 0;
}

bool
ready_before(const struct ready_task *a, const struct ready_task *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	if (a->time != b->time)
		return a->time < b->time;
	if (a->order != b->order)
		return a->order < b->order;
	if (a->part != b->part)
		return a->part < b->part;
	return a->file && b->file && strcmp(a->file, b->file) < 0;
}

static bool
sooner(const struct ready_task *a, const struct ready_task *b)
{
	return a->due < b->due;
}

static int
push(struct ready_task **heap, size_t *n, size_t *cap, struct ready_task t,
    bool (*less)(const struct ready_task *, const struct ready_task *))
{
	struct ready_task *h = *heap;
	size_t i, c;

	if (*n == *cap) {
		c = *cap ? *cap * 2 : 16;
		h = realloc(h, c * sizeof *h);
		if (!h)
			return -1;
		*heap = h;
		*cap = c;
	}
	for (i = (*n)++; i > 0 && less(&t, &h[(i - 1) / 2]); i = (i - 1) / 2)
		h[i] = h[(i - 1) / 2];
	h[i] = t;
	return 0;
}

static struct ready_task
pop(struct ready_task *h, size_t *n,
    bool (*less)(const struct ready_task *, const struct ready_task *))
{
	struct ready_task top = h[0], last = h[--*n];
	size_t i = 0, c;

	while ((c = 2 * i + 1) < *n) {
		if (c + 1 < *n && less(&h[c + 1], &h[c]))
			c++;
		if (!less(&h[c], &last))
			break;
		h[i] = h[c];
		i = c;
	}
	h[i] = last;
	return top;
}

/* the share, made if need be; -1 ENOMEM */
static int
share_of(struct ready *r, const char *dag, bool backfill)
{
	struct ready_share *s;

	for (size_t i = 0; i < r->nshare; i++)
		if (r->share[i].backfill == backfill &&
		    strcmp(r->share[i].dag, dag) == 0)
			return (int)i;
	s = realloc(r->share, (r->nshare + 1) * sizeof *s);
	if (!s)
		return -1;
	r->share = s;
	s += r->nshare;
	*s = (struct ready_share){.backfill = backfill};
	snprintf(s->dag, sizeof s->dag, "%s", dag);
	return (int)r->nshare++;
}

/* the group of a pool spec and a share, made if need be; -1 ENOMEM */
static int
group_of(struct ready *r, const char *pool, int share)
{
	struct ready_group *g;

	if (share < 0)
		return -1;
	for (size_t i = 0; i < r->ngroup; i++)
		if (r->group[i].share == (unsigned)share &&
		    strcmp(r->group[i].pool, pool) == 0)
			return (int)i;
	g = realloc(r->group, (r->ngroup + 1) * sizeof *g);
	if (!g)
		return -1;
	r->group = g;
	g[r->ngroup] = (struct ready_group){.pool = strdup(pool),
	    .share = (unsigned)share};
	return g[r->ngroup].pool ? (int)r->ngroup++ : -1;
}

/* into its group, unless it is known; -1 ENOMEM, else file is taken over */
static int
put(struct ready *r, struct ready_task t)
{
	struct ready_group *g = &r->group[t.group];
	int x = nameset_add(&r->known, t.file);

	if (x == 0)
		free(t.file);
	if (x <= 0)
		return x;
	x = t.due ? push(&r->later, &r->nlater, &r->caplater, t, sooner) :
	    push(&g->heap, &g->n, &g->cap, t, ready_before);
	if (x < 0)
		nameset_remove(&r->known, t.file);
	return x;
}

int
ready_return(struct ready *r, struct ready_task t)
{
	if (put(r, t) >= 0)
		return 0;
	free(t.file);
	return -1;
}

int
ready_add(struct ready *r, struct ready_task t, const char *pool,
    const char *dag, bool backfill)
{
	int g = group_of(r, pool, share_of(r, dag, backfill));

	if (g < 0) {
		free(t.file);
		return -1;
	}
	t.group = (unsigned)g;
	return ready_return(r, t);
}

/* has it one that may be claimed? */
static bool
open_group(const struct ready_group *g)
{
	return g->n > 0 && !g->full && !g->bound;
}

/* is the first of one group next, rather than that of the other? */
static bool
fairer(const struct ready *r, const struct ready_group *a,
    const struct ready_group *b)
{
	const struct ready_share *x = &r->share[a->share],
	    *y = &r->share[b->share];

	if (a->heap[0].priority != b->heap[0].priority || x == y)
		return ready_before(&a->heap[0], &b->heap[0]);
	if (x->out != y->out)
		return x->out < y->out;
	if (x->served != y->served)
		return x->served < y->served;
	return ready_before(&a->heap[0], &b->heap[0]);
}

unsigned
ready_weight(const char *list, const char *pool)
{
	size_t n, len = strlen(pool);

	for (; *list; list += n) {
		list += strspn(list, " \t\n");
		n = strcspn(list, " \t\n");
		if (n > len && list[len] == ':' &&
		    memcmp(list, pool, len) == 0)
			return (unsigned)strtoul(list + len + 1, NULL, 10);
		if (n == len && n > 0 && memcmp(list, pool, len) == 0)
			return 1;
	}
	return 0;
}

/* is a pool that it wants kept for another that comes before it? */
static bool
kept_back(const struct ready *r, const struct ready_group *g)
{
	const struct ready_group *f;

	for (size_t i = 0; i < r->ngroup && g->pool[0]; i++) {
		f = &r->group[i];
		if ((f->full || f->bound) && f->n > 0 && f->lacks[0] &&
		    fairer(r, f, g) && ready_weight(g->pool, f->lacks))
			return true;
	}
	return false;
}

void
ready_back(struct ready *r, unsigned group)
{
	r->share[r->group[group].share].out--;
}

/* the group whose first is next, once those whose time has come are in theirs;
 * NULL: none */
static struct ready_group *
best_group(struct ready *r, int64_t now)
{
	struct ready_group *g, *best = NULL;
	struct ready_task t;

	while (r->nlater > 0 && r->later[0].due <= now) {
		t = pop(r->later, &r->nlater, sooner);
		g = &r->group[t.group];
		t.due = 0;
		if (push(&g->heap, &g->n, &g->cap, t, ready_before) < 0) {
			nameset_remove(&r->known, t.file);
			free(t.file);
		}
	}
	for (size_t i = 0; i < r->ngroup; i++) {
		g = &r->group[i];
		if (open_group(g) && (!best || fairer(r, g, best)) &&
		    !kept_back(r, g))
			best = g;
	}
	return best;
}

const struct ready_task *
ready_peek(struct ready *r, int64_t now)
{
	struct ready_group *best = best_group(r, now);

	return best ? &best->heap[0] : NULL;
}

void
ready_out(struct ready *r, unsigned group)
{
	struct ready_share *s = &r->share[r->group[group].share];

	s->out++;
	s->served = ++r->claims;
}

bool
ready_next(struct ready *r, int64_t now, struct ready_task *out)
{
	struct ready_group *best = best_group(r, now);

	if (!best)
		return false;
	ready_out(r, (unsigned)(best - r->group));
	*out = pop(best->heap, &best->n, ready_before);
	nameset_remove(&r->known, out->file);
	return true;
}

bool
ready_overtaken(const struct ready *r, const struct ready_task *t)
{
	const struct ready_group *g;

	for (size_t i = 0; i < r->ngroup; i++) {
		g = &r->group[i];
		if (open_group(g) && !kept_back(r, g) &&
		    (g->heap[0].priority > t->priority ||
		    (g->share == r->group[t->group].share &&
		    ready_before(&g->heap[0], t))))
			return true;
	}
	return false;
}

bool
ready_first(const struct ready *r, const struct ready_task *t)
{
	const struct ready_group *g;

	for (size_t i = 0; i < r->ngroup; i++) {
		g = &r->group[i];
		if (open_group(g) && !ready_before(t, &g->heap[0]))
			return false;
	}
	return true;
}

int64_t
ready_due(const struct ready *r)
{
	return r->nlater ? r->later[0].due : 0;
}

void
ready_full(struct ready *r, unsigned group, const char *pool)
{
	struct ready_group *g;

	/* for all that want the same */
	for (size_t i = 0; i < r->ngroup; i++) {
		g = &r->group[i];
		if (strcmp(g->pool, r->group[group].pool) != 0)
			continue;
		g->full = true;
		snprintf(g->lacks, sizeof g->lacks, "%.*s", NAME_LEN, pool);
	}
}

void
ready_room(struct ready *r, const char *pool)
{
	for (size_t i = 0; i < r->ngroup; i++)
		if (!pool || strstr(r->group[i].pool, pool)) {
			r->group[i].full = false;
			r->group[i].size = 0;
		}
}

/* of n tasks in a heap drops those that are not kept: what is left of it */
static size_t
sift(struct ready *r, struct ready_task *heap, size_t n,
    bool (*less)(const struct ready_task *, const struct ready_task *),
    bool (*keep)(const struct ready *, const struct ready_task *, void *),
    void *arg)
{
	size_t left = 0, cap = n;

	for (size_t i = 0; i < n; i++)
		if (keep(r, &heap[i], arg)) {
			/* into its first places, which have been read */
			push(&heap, &left, &cap, heap[i], less);
		} else {
			nameset_remove(&r->known, heap[i].file);
			free(heap[i].file);
		}
	return left;
}

void
ready_prune(struct ready *r, bool (*keep)(const struct ready *,
    const struct ready_task *, void *), void *arg)
{
	for (size_t i = 0; i < r->ngroup; i++)
		r->group[i].n = sift(r, r->group[i].heap, r->group[i].n,
		    ready_before, keep, arg);
	r->nlater = sift(r, r->later, r->nlater, sooner, keep, arg);
}

const char *
ready_dag(const struct ready *r, const struct ready_task *t)
{
	return r->share[r->group[t->group].share].dag;
}

size_t
ready_count(const struct ready *r)
{
	size_t n = r->nlater;

	for (size_t i = 0; i < r->ngroup; i++)
		n += r->group[i].n;
	return n;
}

void
ready_clear(struct ready *r)
{
	for (size_t i = 0; i < r->ngroup; i++) {
		for (size_t k = 0; k < r->group[i].n; k++)
			free(r->group[i].heap[k].file);
		free(r->group[i].heap);
		free(r->group[i].pool);
	}
	for (size_t i = 0; i < r->nlater; i++)
		free(r->later[i].file);
	free(r->group);
	free(r->share);
	free(r->later);
	nameset_free(&r->known);
	*r = (struct ready){0};
}
