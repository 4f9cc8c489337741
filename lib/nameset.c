/* nameset: which names are in a set: in memory, others' strings. */
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "nameset.h"

/* where s is to be, if no other is there */
static size_t
home_of(const struct nameset *k, const char *s)
{
	return hash_add(HASH_EMPTY, s, strlen(s)) & (k->size - 1);
}

/* the place of s in the table: its own, or the empty one to fill */
static size_t
place(const struct nameset *k, const char *s)
{
	size_t i = home_of(k, s);

	while (k->slot[i] && strcmp(k->slot[i], s) != 0)
		i = (i + 1) & (k->size - 1);
	return i;
}

static int
grow(struct nameset *k)
{
	struct nameset new = {.size = k->size ? k->size * 2 : 64, .n = k->n};

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

bool
nameset_has(const struct nameset *k, const char *s)
{
	return k->n > 0 && k->slot[place(k, s)];
}

int
nameset_add(struct nameset *k, const char *s)
{
	size_t at;

	if (2 * (k->n + 1) > k->size && grow(k) < 0)
		return -1;
	at = place(k, s);
	if (k->slot[at])
		return 0;
	k->slot[at] = s;
	k->n++;
	return 1;
}

/* those behind it that were pushed on move up */
void
nameset_remove(struct nameset *k, const char *s)
{
	size_t i, j, home;

	if (!nameset_has(k, s))
		return;
	i = j = place(k, s);
	k->n--;
	for (;;) {
		k->slot[i] = NULL;
		do {
			j = (j + 1) & (k->size - 1);
			if (!k->slot[j])
				return;
			home = home_of(k, k->slot[j]);
		} while (i <= j ? i < home && home <= j :
		    i < home || home <= j);
		k->slot[i] = k->slot[j];
		i = j;
	}
}

void
nameset_free(struct nameset *k)
{
	free(k->slot);
	*k = (struct nameset){0};
}
