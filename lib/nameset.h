/* nameset: which names are in a set: in memory, others' strings. */
#ifndef NAMESET_H
#define NAMESET_H

#include <stdbool.h>
#include <stddef.h>

/* a hash table with open addressing; zeroed it is empty */
struct nameset {
	const char **slot;
	size_t n, size;
};

bool nameset_has(const struct nameset *, const char *);
/* puts one in, which must live as long as it is in it; 1, 0: there is an equal
 * one; -1 ENOMEM */
int nameset_add(struct nameset *, const char *);
void nameset_remove(struct nameset *, const char *);
void nameset_free(struct nameset *);

#endif
