/* names: what is in a directory, sorted. */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>

/* sorted by bytes, ended by NULL; names_free */
struct names {
	char **name;
	size_t n;
};

/* every name in a directory beneath fd but . and ..; ENOENT gives none.
 * -1 and errno */
int names_list(int fd, const char *dir, struct names *);
/* is there any? 1, 0 (also ENOENT), -1 and errno */
int names_any(int fd, const char *dir);
void names_free(struct names *);

#endif
