/* planmap: a plan with the instances of its mapped tasks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "planmap.h"
#include "rec.h"

bool
planmap_instance(const struct plan *p, uint32_t task)
{
	return task >= p->base;
}

bool
planmap_unlisted(const struct plan *p, uint32_t task)
{
	return p->each && task < p->base && p->each[task] == PLAN_EACH;
}

bool
planmap_joint(const struct plan *p, uint32_t task)
{
	uint32_t first = p->graph.upat[task];

	return p->each && task < p->base && (p->each[task] & PLAN_LISTED) &&
	    first < p->graph.upat[task + 1] &&
	    planmap_instance(p, p->graph.up[first]);
}

bool
planmap_gone(const struct plan *p, uint32_t task)
{
	return task >= p->base && p->item[task - p->base].gone;
}

uint32_t
planmap_of(const struct plan *p, uint32_t task)
{
	return task < p->base ? task : p->item[task - p->base].of;
}

const char *
planmap_item(const struct plan *p, uint32_t task, unsigned k, struct buf *b)
{
	const struct plan_item *item;
	const char *s, *end;
	size_t n;

	buf_reset(b);
	if (task < p->base)
		return NULL;
	item = &p->item[task - p->base];
	s = item->text;
	end = s + item->len;
	for (; s < end; s += n) {
		s++;	/* the tab */
		n = (size_t)(end - s);
		if (memchr(s, '\t', n))
			n = (size_t)((const char *)memchr(s, '\t', n) - s);
		if (k-- == 0)
			return rec_unescape(b, s, n) < 0 ? NULL : buf_cstr(b);
	}
	return NULL;
}

static int
damaged(struct buf *why, const char *what)
{
	if (why)
		buf_str(why, what);
	errno = EINVAL;
	return -1;
}

static size_t
count_lines(const struct planmap_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->text[i] == '\n';
	return n;
}

/* the instances of a list, from task at on; their names go to *names */
static int
add_instances(struct plan *p, const struct planmap_list *l, uint32_t at,
    char **names, struct buf *why)
{
	const struct plan_task *of = &p->task[l->task];
	const char *s = l->text, *end = s + l->n, *nl;
	struct plan_item *item;
	struct plan_task *t;
	size_t n, key;

	for (; s < end; s = nl + 1, at++) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (!nl)
			return damaged(why, "a list is cut short");
		item = &p->item[at - p->base];
		*item = (struct plan_item){.of = l->task, .gone = *s == '-'};
		s += item->gone;
		n = (size_t)(nl - s);
		key = memchr(s, '\t', n) ?
		    (size_t)((const char *)memchr(s, '\t', n) - s) : n;
		if (!name_ok(s, key))
			return damaged(why, "a key in a list is no name");
		item->text = s + key;
		item->len = (uint32_t)(n - key);
		t = &p->task[at];
		*t = *of;
		t->name = *names;
		t->namelen = (uint32_t)(of->namelen + 1 + key);
		memcpy(*names, of->name, of->namelen);
		(*names)[of->namelen] = '+';
		memcpy(*names + of->namelen + 1, s, key);
		*names += t->namelen;
		if (!plan_enter(p, at))
			return damaged(why, "a key is in a list twice");
	}
	return 0;
}

/* the upstreams of a task of its own, or what stands for them */
static void
put_edges(const struct graph *g, uint32_t t, uint32_t *from, uint32_t *n)
{
	for (uint32_t e = g->upat[t]; e < g->upat[t + 1]; e++)
		from[(*n)++] = g->up[e];
}

static int
make_graph(struct plan *p, const struct plan *own, const uint32_t *first)
{
	const struct graph *g = &own->graph;
	size_t m = g->upat[own->n], at = 0;
	uint32_t *upat, *from, n = 0, of;

	for (uint32_t i = p->base; i < p->n; i++) {
		of = p->item[i - p->base].of;
		m += 1 + g->upat[of + 1] - g->upat[of];
	}
	if (m >= UINT32_MAX) {
		errno = ENOMEM;
		return -1;
	}
	upat = malloc(((size_t)p->n + 1) * sizeof *upat);
	from = malloc((m + 1) * sizeof *from);
	if (!upat || !from) {
		free(upat);
		free(from);
		return -1;
	}
	for (uint32_t t = 0; t < p->base; t++) {
		upat[at++] = n;
		if (first[t] == 0 || first[t] == p->n ||
		    p->item[first[t] - p->base].of != t)
			put_edges(g, t, from, &n);
		else
			for (uint32_t i = first[t]; i < p->n &&
			    p->item[i - p->base].of == t; i++)
				from[n++] = i;
	}
	for (uint32_t i = p->base; i < p->n; i++) {
		upat[at++] = n;
		put_edges(g, p->item[i - p->base].of, from, &n);
	}
	upat[at] = n;
	return graph_make(&p->graph, p->n, upat, from);
}

/* room for so many instances, with the tasks of its own in it */
static int
begin(struct plan *p, const struct plan *own, size_t instances)
{
	size_t n = own->n + instances, size = 16;

	*p = *own;
	p->borrowed = true;
	p->task = NULL;
	p->hash = p->again = NULL;
	p->each = NULL;
	p->graph = (struct graph){0};
	p->bound = NULL;
	p->nbound = 0;
	p->n = (uint32_t)n;
	while (size < n * 2)
		size *= 2;
	p->hashmask = (uint32_t)(size - 1);
	p->task = calloc(n, sizeof *p->task);
	p->hash = calloc(size, sizeof *p->hash);
	p->each = malloc(own->n);
	p->item = calloc(instances + 1, sizeof *p->item);
	p->names = malloc(instances * (2 * NAME_LEN + 1) + 1);
	if (own->again)
		p->again = calloc(n, sizeof *p->again);
	if (!p->task || !p->hash || !p->each || !p->item || !p->names ||
	    (own->again && !p->again))
		return -1;
	memcpy(p->task, own->task, own->n * sizeof *p->task);
	memcpy(p->each, own->each, own->n);
	for (uint32_t t = 0; t < own->n; t++)
		plan_enter(p, t);
	if (own->again)
		memcpy(p->again, own->again, own->n * sizeof *p->again);
	return 0;
}

int
planmap_make(struct plan *p, const struct plan *own,
    const struct planmap_list *list, size_t n, struct buf *why)
{
	uint32_t *first = calloc(own->n, sizeof *first), at = own->n;
	size_t instances = 0;
	char *names;
	int x, e;

	for (size_t i = 0; i < n; i++)
		instances += count_lines(&list[i]);
	x = first ? begin(p, own, instances) : -1;
	names = x == 0 ? p->names : NULL;
	for (size_t i = 0; i < n && x == 0; i++) {
		p->each[list[i].task] |= PLAN_LISTED;
		first[list[i].task] = at;
		x = add_instances(p, &list[i], at, &names, why);
		at += (uint32_t)count_lines(&list[i]);
	}
	for (uint32_t i = own->n; i < p->n && x == 0 && p->again; i++)
		p->again[i] = p->again[p->item[i - own->n].of];
	if (x == 0)
		x = make_graph(p, own, first);
	e = errno;
	if (x < 0 && first)
		plan_free(p);
	free(first);
	errno = e;
	return x;
}

uint32_t *
planmap_order(const struct plan *p)
{
	uint32_t *order = malloc(p->n * sizeof *order), n = 0, e;

	for (uint32_t t = 0; order && t < p->base; t++) {
		order[n++] = t;
		if (planmap_joint(p, t))
			for (e = p->graph.upat[t]; e < p->graph.upat[t + 1];
			    e++)
				order[n++] = p->graph.up[e];
	}
	return order;
}
