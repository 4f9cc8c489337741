/* expand: $NAME and ${NAME} in a value, replaced from an environment; globs. */
#ifndef EXPAND_H
#define EXPAND_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/*
 * For the values of needs, inputs, output, workdir and env, and for nothing
 * else: commands are the shell's. A "$" that neither a name nor "{" follows
 * is an ordinary byte. What is put in is not looked at again.
 */

/* what NAME (n bytes) is in an environment, or NULL: it is not set */
struct expand {
	const char *(*get)(const char *name, size_t n, void *arg);
	void *arg;
};

/* is there anything to be replaced in it? */
bool expand_any(const char *);
/* what is wrong with a text, as far as that can be told without an
 * environment; NULL: nothing */
const char *expand_fault(const char *);
/* appends the text, replaced; 0, or -1 and errno: EINVAL and what cannot be
 * replaced in why, ENOMEM */
int expand_text(struct buf *out, const char *, const struct expand *,
	struct buf *why);
/*
 * Appends the paths of a list, each ended by NUL: its words, replaced, and
 * those that are relative put behind dir. glob: a word with * ? or [ is the
 * names that match it, sorted, or itself if none does; what was put in, and
 * dir, are taken literally. 0, or -1 and errno as above.
 */
int expand_paths(struct buf *out, const char *list, const char *dir,
	bool glob, const struct expand *, struct buf *why);
/*
 * The same of one path, which is no list. pattern: * ? and [ stand for names,
 * and 1 says that there is none; otherwise they are themselves.
 */
int expand_path(struct buf *out, const char *path, const char *dir,
	bool pattern, const struct expand *, struct buf *why);
/* the value of NAME in an environment text (NAME=VALUE\0 …), or NULL */
const char *expand_find(const struct buf *env, const char *name, size_t n);

#endif
