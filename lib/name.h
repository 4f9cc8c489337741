/* name: which names are names. The one check, wherever a name comes from. */
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>
#include <stddef.h>

enum { NAME_LEN = 64, RUN_LEN = 40 };

/*
 * Is it a name of a DAG, task, pool or parameter: 1 to NAME_LEN letters,
 * digits, '_' and '-', not beginning with '-'?
 */
bool name_ok(const char *, size_t n);
/* says in words what is wrong with a name; NULL if nothing is */
const char *name_fault(const char *, size_t n);
/*
 * Is it DAG/TASK, or DAG/ (the whole run), as what comes after other runs
 * says it? The length of DAG; 0: it is not.
 */
size_t name_other(const char *, size_t n);
/* what is wrong with such a word in the definition of dag; NULL: nothing */
const char *name_other_fault(const char *dag, const char *word);
/* a name's spelling in variables: '-' becomes '_' */
void name_to_var(char *dst, const char *name, size_t n);
/* how many edits lead from a to b: to guess what was meant */
unsigned name_distance(const char *a, const char *b);
/* the word of list (NULL ends it) nearest to word, or NULL if none is near */
const char *name_nearest(const char *word, const char *const *list);

#endif
