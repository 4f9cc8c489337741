/* idtext: the text of an ID taken apart; what it names is not looked up. */
#ifndef IDTEXT_H
#define IDTEXT_H

#include <stdbool.h>

#include "buf.h"

struct idtext {
	char *copy;		/* what the others point into */
	const char *dag, *run, *task;	/* NULL: not given; names, globs */
	const char *root;	/* of a path: the spool it goes into, or NULL */
};

/* -1 with errno EINVAL and why in words, or ENOMEM; idtext_free */
int idtext_parse(struct idtext *, const char *text, struct buf *why);
void idtext_free(struct idtext *);
/* has it one of * ? [ in it? */
bool idtext_glob(const char *);

#endif
