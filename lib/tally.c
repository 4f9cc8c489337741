/* tally: measured values by subject and week; their medians and the like. */
#include <stdlib.h>
#include <string.h>

#include "tally.h"

static uint32_t
hash(const char *p, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619u;
	return h ^ h >> 15;
}

/* makes room in an array that doubles; NULL: ENOMEM */
static void *
grow(void *p, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 16;

	if (n < *cap)
		return p;
	p = realloc(p, more * size);
	if (p)
		*cap = more;
	return p;
}

static int
rehash(struct tally *t)
{
	size_t mask = t->mask ? t->mask * 2 + 1 : 63, k;
	uint32_t *table = calloc(mask + 1, sizeof *table);

	if (!table)
		return -1;
	for (size_t i = 0; i < t->subjects; i++) {
		k = hash(t->subject[i].name, t->subject[i].len) & mask;
		while (table[k])
			k = (k + 1) & mask;
		table[k] = (uint32_t)i + 1;
	}
	free(t->hash);
	t->hash = table;
	t->mask = mask;
	return 0;
}

static bool
same(const struct tally_subject *s, const char *name, size_t n)
{
	return s->len == n && memcmp(s->name, name, n) == 0;
}

int64_t
tally_subject(struct tally *t, const char *name, size_t n)
{
	struct tally_subject *more;
	size_t k;

	/* a history has its tasks in the same order, run by run */
	for (uint32_t i = 0; i < 2 && t->subjects; i++) {
		k = (t->recent + t->subjects - i) % t->subjects;
		if (same(&t->subject[k], name, n)) {
			t->recent = (uint32_t)(k + 1);
			return (int64_t)k;
		}
	}
	if (t->subjects * 2 >= t->mask && rehash(t) < 0)
		return -1;
	for (k = hash(name, n) & t->mask; t->hash[k]; k = (k + 1) & t->mask)
		if (same(&t->subject[t->hash[k] - 1], name, n)) {
			t->recent = t->hash[k];
			return t->hash[k] - 1;
		}
	more = grow(t->subject, t->subjects, &t->scap, sizeof *more);
	if (!more)
		return -1;
	t->subject = more;
	more[t->subjects] = (struct tally_subject){ .name = strndup(name, n),
	    .len = n };
	if (!more[t->subjects].name)
		return -1;
	t->hash[k] = (uint32_t)++t->subjects;
	return (int64_t)t->subjects - 1;
}

const char *
tally_name(const struct tally *t, uint32_t subject)
{
	return t->subject[subject].name;
}

/* the group of a subject's week: one of the last two, or a new one: those of
 * the same week are joined in the end */
static struct tally_group *
find(struct tally *t, uint32_t subject, int64_t ms)
{
	struct tally_subject *s = &t->subject[subject];
	int64_t day = ms / 86400000 - (ms % 86400000 < 0);
	int64_t week = (day + 3) / 7 - ((day + 3) % 7 < 0);
	struct tally_group **more, *g;

	if (s->last && s->last->week == week)
		return s->last;
	/* from its end a history is in order, but for runs that overlap */
	if (s->before && s->before->week == week) {
		g = s->before;
		s->before = s->last;
		return s->last = g;
	}
	more = grow(t->group, t->groups, &t->gcap, sizeof *more);
	g = more ? calloc(1, sizeof *g) : NULL;
	if (more)
		t->group = more;
	if (!g)
		return NULL;
	g->subject = subject;
	g->week = week;
	s->before = s->last;
	return s->last = t->group[t->groups++] = g;
}

int
tally_add(struct tally *t, uint32_t subject, int64_t ms,
    const struct tally_value *v, bool good)
{
	struct tally_group *g = find(t, subject, ms);
	struct tally_value *more;

	if (!g)
		return -1;
	more = grow(g->value, g->n, &g->cap, sizeof *more);
	if (!more)
		return -1;
	g->value = more;
	g->value[g->n++] = *v;
	g->count++;
	g->good += good;
	return 0;
}

int
tally_retry(struct tally *t, uint32_t subject, int64_t ms)
{
	struct tally_group *g = find(t, subject, ms);

	if (!g)
		return -1;
	g->retried++;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct tally_group *x = *(struct tally_group *const *)a;
	const struct tally_group *y = *(struct tally_group *const *)b;

	if (x->subject != y->subject)
		return x->subject < y->subject ? -1 : 1;
	return (x->week > y->week) - (x->week < y->week);
}

/* two groups of one week: the second's values go to the first */
static int
join(struct tally_group *to, struct tally_group *from)
{
	struct tally_value *more = realloc(to->value, (to->n + from->n + 1) *
	    sizeof *more);

	if (!more)
		return -1;
	if (from->n)
		memcpy(more + to->n, from->value, from->n * sizeof *more);
	to->value = more;
	to->cap = to->n + from->n + 1;
	to->n += from->n;
	to->count += from->count;
	to->good += from->good;
	to->retried += from->retried;
	return 0;
}

int
tally_sort(struct tally *t)
{
	struct tally_group *g;
	struct tally_subject *s;
	size_t n = 0;

	t->sorted = malloc((t->groups + 1) * sizeof *t->sorted);
	if (!t->sorted)
		return -1;
	if (t->groups)
		memcpy(t->sorted, t->group, t->groups * sizeof *t->sorted);
	qsort(t->sorted, t->groups, sizeof *t->sorted, compare);
	for (size_t i = 0; i < t->groups; i++) {
		g = t->sorted[i];
		s = &t->subject[g->subject];
		if (n && compare(&t->sorted[n - 1], &g) == 0) {
			if (join(t->sorted[n - 1], g) < 0)
				return -1;
			continue;
		}
		if (s->n++ == 0)
			s->first = n;
		t->sorted[n++] = g;
	}
	return 0;
}

size_t
tally_groups(const struct tally *t, uint32_t subject,
    struct tally_group ***out)
{
	*out = t->sorted + t->subject[subject].first;
	return t->subject[subject].n;
}

size_t
tally_values(const struct tally *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->groups; i++)
		n += t->group[i]->n;
	return n;
}

/* the k-th smallest, those before it before it: Hoare's */
static float
pick(float *a, size_t n, size_t k)
{
	size_t low = 0, high = n - 1, i, j;
	float x, swap;

	while (low < high) {
		x = a[k];
		for (i = low, j = high;;) {
			while (a[i] < x)
				i++;
			while (x < a[j])
				j--;
			if (i <= j) {
				swap = a[i];
				a[i++] = a[j];
				a[j] = swap;
				if (j-- == 0)
					break;
			}
			if (i > j)
				break;
		}
		if (j != (size_t)-1 && j >= k)
			high = j;
		else if (i <= k)
			low = i;
		else
			break;
	}
	return a[k];
}

void
tally_spread(struct tally_group *const *g, size_t groups,
    enum tally_what what, float *room, struct tally_range *out)
{
	const struct tally_value *v;
	size_t n = 0;
	float x, max = -1;

	for (size_t k = 0; k < groups; k++)
		for (size_t i = 0; i < g[k]->n; i++) {
			v = &g[k]->value[i];
			x = what == TALLY_WALL ? v->wall : what == TALLY_CPU ?
			    v->cpu : v->rss;
			if (x < 0)
				continue;
			room[n++] = x;
			max = x > max ? x : max;
		}
	*out = (struct tally_range){-1, -1, max};
	if (n == 0)
		return;
	out->median = pick(room, n, n / 2);
	/* what is not less lies behind it now */
	out->p95 = pick(room + n / 2, n - n / 2, (n * 95 + 99) / 100 - 1 -
	    n / 2);
}

void
tally_free(struct tally *t)
{
	for (size_t i = 0; i < t->groups; i++) {
		free(t->group[i]->value);
		free(t->group[i]);
	}
	for (size_t i = 0; i < t->subjects; i++)
		free(t->subject[i].name);
	free(t->group);
	free(t->sorted);
	free(t->subject);
	free(t->hash);
	*t = (struct tally){0};
}
