/* launchpool: how much of the spool's pools engines may be given now. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launchpool.h"
#include "pool.h"

/* NULL and errno */
static struct pool_room *
look(struct launchpool *l, struct spool *sp, const char *name)
{
	size_t cap = l->cap ? 2 * l->cap : 8;
	struct pool_room *grown;
	unsigned size, held;

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->pool[i].name, name) == 0)
			return &l->pool[i];
	if (l->n == l->cap) {
		grown = realloc(l->pool, cap * sizeof *grown);
		if (!grown)
			return NULL;
		l->pool = grown;
		l->cap = cap;
	}
	/* one that is not there yet has nothing free */
	if (pool_count(sp, name, &size, &held) < 0 && errno != ENOENT)
		return NULL;
	grown = &l->pool[l->n++];
	snprintf(grown->name, sizeof grown->name, "%s", name);
	grown->room = (int64_t)size - held;
	return grown;
}

/* pool i of those that an element wants, and how many slots of it; 1; 0 it
 * wants no more; -1 and errno */
static int
wanted(struct launchpool *l, struct spool *sp, const char *spec, size_t i,
    struct pool_room **p, int64_t *slots)
{
	char name[NAME_LEN + 1];

	if (!spec || !pool_wanted(spec, i, name, slots))
		return 0;
	*p = look(l, sp, name);
	return *p ? 1 : -1;
}

int
launchpool_take(struct launchpool *l, struct spool *sp, const char *spec,
    int64_t elements)
{
	struct pool_room *p;
	int64_t slots;
	int x;

	for (size_t i = 0; (x = wanted(l, sp, spec, i, &p, &slots)) > 0; i++)
		p->room -= slots * elements;
	return x;
}

int64_t
launchpool_room(struct launchpool *l, struct spool *sp, const char *spec,
    int64_t most)
{
	struct pool_room *p;
	int64_t slots;
	int x;

	for (size_t i = 0; (x = wanted(l, sp, spec, i, &p, &slots)) > 0; i++)
		if (p->room < most * slots)
			most = p->room < 0 ? 0 : p->room / slots;
	return x < 0 ? -1 : most;
}

void
launchpool_free(struct launchpool *l)
{
	free(l->pool);
	*l = (struct launchpool){0};
}
