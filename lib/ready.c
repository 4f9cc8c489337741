/* ready: the ready tasks that a dagexec knows of, in the order of claims. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planmap.h"
#include "ready.h"

/* names in a hash table with open addressing */
struct names_set {
	char **slot;
	size_t n, size;
};

static size_t
hash(const char *s)
{
	size_t h = 2166136261u;

	while (*s)
		h = (h ^ (unsigned char)*s++) * 16777619u;
	return h;
}

/* the place of s in the table: its own, or the empty one to fill */
static size_t
place(const struct names_set *k, const char *s)
{
	size_t i = hash(s) & (k->size - 1);

	while (k->slot[i] && strcmp(k->slot[i], s) != 0)
		i = (i + 1) & (k->size - 1);
	return i;
}

static int
grow(struct names_set *k)
{
	struct names_set new = {.size = k->size ? k->size * 2 : 64, .n = k->n};

	new.slot = calloc(new.size, sizeof *new.slot);
	if (!new.slot)
		return -1;
	for (size_t i = 0; i < k->size; i++)
		if (k->slot[i])
			new.slot[place(&new, k->slot[i])] = k->slot[i];
	free(k->slot);
	*k = new;
	return 0;
}

/* takes s out: those behind it that were pushed on move up */
static void
forget(struct names_set *k, const char *s)
{
	size_t i = place(k, s), j = i, home;

	if (!k->slot[i])
		return;
	k->n--;
	for (;;) {
		k->slot[i] = NULL;
		do {
			j = (j + 1) & (k->size - 1);
			if (!k->slot[j])
				return;
			home = hash(k->slot[j]) & (k->size - 1);
		} while (i <= j ? i < home && home <= j :
		    i < home || home <= j);
		k->slot[i] = k->slot[j];
		i = j;
	}
}

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

int
ready_add(struct ready *r, struct ready_task t, const char *pool,
    const char *dag, bool backfill)
{
	int g = group_of(r, pool, share_of(r, dag, backfill));
	struct ready_group *in;
	size_t at;
	int x;

	if (!r->known)
		r->known = calloc(1, sizeof *r->known);
	if (g < 0 || !r->known || (2 * (r->known->n + 1) > r->known->size &&
	    grow(r->known) < 0))
		goto fail;
	at = place(r->known, t.file);
	if (r->known->slot[at]) {
		free(t.file);
		return 0;
	}
	t.group = (unsigned)g;
	in = &r->group[g];
	x = t.due ? push(&r->later, &r->nlater, &r->caplater, t, sooner) :
	    push(&in->heap, &in->n, &in->cap, t, ready_before);
	if (x < 0)
		goto fail;
	r->known->slot[at] = t.file;
	r->known->n++;
	return 0;
fail:
	free(t.file);
	return -1;
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

bool
ready_next(struct ready *r, int64_t now, struct ready_task *out)
{
	struct ready_group *g, *best = NULL;
	struct ready_task t;

	while (r->nlater > 0 && r->later[0].due <= now) {
		t = pop(r->later, &r->nlater, sooner);
		g = &r->group[t.group];
		t.due = 0;
		if (push(&g->heap, &g->n, &g->cap, t, ready_before) < 0) {
			forget(r->known, t.file);
			free(t.file);
		}
	}
	for (size_t i = 0; i < r->ngroup; i++) {
		g = &r->group[i];
		if (open_group(g) && (!best || fairer(r, g, best)) &&
		    !kept_back(r, g))
			best = g;
	}
	if (!best)
		return false;
	r->share[best->share].out++;
	r->share[best->share].served = ++r->claims;
	*out = pop(best->heap, &best->n, ready_before);
	forget(r->known, out->file);
	return true;
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

void
ready_prune(struct ready *r, bool (*there)(const char *, void *), void *arg)
{
	struct ready_task *old = r->later;
	size_t n = r->nlater;

	r->later = NULL;
	r->nlater = r->caplater = 0;
	for (size_t i = 0; i < n; i++)
		if (!there(old[i].file, arg) || push(&r->later, &r->nlater,
		    &r->caplater, old[i], sooner) < 0) {
			forget(r->known, old[i].file);
			free(old[i].file);
		}
	free(old);
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
	if (r->known)
		free(r->known->slot);
	free(r->known);
	*r = (struct ready){0};
}
