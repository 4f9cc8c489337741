/* batch: tasks that were given to an engine together, a directory of them. */
#ifndef BATCH_H
#define BATCH_H

#include "rec.h"
#include "spool.h"

/*
 * launch/NAME.ID, dagspool(5): made whole before the engine is asked for
 * anything, so that whoever comes next can look for what came of it. An
 * element is what the engine starts: some tasks, one after the other. What it
 * says of an element is kept; that one is closed means that it will start
 * nothing any more.
 */

enum { BATCH_LEN = NAME_LEN + 18, BATCH_WORD = 24, BATCH_ID = 1024 };

struct batch {
	struct spool *spool;
	char name[BATCH_LEN], launcher[NAME_LEN + 1], id[BATCH_ID];
	int fd;
	struct rec rec;		/* what is asked for: a batch record */
	struct buf line;	/* the same as text, without its newline */
	int64_t submitted;	/* when the engine's id was written down */
	unsigned pack, elements;
	struct buf text;	/* of the file tasks */
	char **task;		/* DAG/RUN/TASK */
	size_t n;
	char (*word)[BATCH_WORD];	/* of elements that are closed, or "" */
};

/* is it the name of one? */
bool batch_name_ok(const char *);
/* makes one: fields "\tkey=value…", the tasks a line each; its name, or -1 */
int batch_make(struct spool *, const char *launcher, const struct buf *fields,
	const struct buf *tasks, size_t n, unsigned pack,
	char name[BATCH_LEN]);
/* -1 and errno, EINVAL: damaged */
int batch_open(struct spool *, const char *name, struct batch *);
void batch_close(struct batch *);
/* the engine has it, and calls it so (what is too long is cut); -1 and errno */
int batch_submitted(struct batch *, const char *id);
/* an element (from 1) is closed: the engine says that word of it */
int batch_end(struct batch *, unsigned element, const char *word,
	const char *detail);
/* what the engine says of those that are not closed: a line each */
int batch_say(struct batch *, const struct buf *lines);
/* it is done with */
int batch_remove(struct batch *);
/* the word of an element of a batch by its name: 1 it is closed; 0 it is not;
 * -1 and errno, ENOENT: there is no such batch any more */
int batch_word(struct spool *, const char *name, unsigned element,
	char word[BATCH_WORD]);
/* the element that a task of the batch is in */
unsigned batch_element(const struct batch *, size_t task);
/* the names of all batches; names_free */
int batch_list(struct spool *, struct names *);

#endif
