/* source: DAG definitions one by one, from files or from records. */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "dagfile.h"
#include "rec.h"

enum source_result {
	SOURCE_END,		/* no more */
	SOURCE_DAG,		/* text has its dag and task records */
	SOURCE_FAULTY,		/* text has the error records of one DAG */
	SOURCE_BAD,		/* the input is wrong: why */
	SOURCE_ERROR,		/* the system failed: errno, and of what: why */
};

/* path and n are the caller's; with records, first all that comes on fd 0 */
struct source {
	char *const *path;
	size_t n, at;
	/* unless NULL: may this file be passed over? then it is */
	bool (*passes)(const char *path, void *);
	void *arg;
	struct dagfile_mark mark;	/* then: of the file read last */
	bool records;
	bool held;		/* rec is read but not yet looked at */
	bool lost;		/* pass over tasks that belong to nothing */
	enum rec_result result;
	struct rec_reader in;
	struct rec rec;
};

/*
 * The next definition, or what is wrong with it: text and why are emptied
 * first. Records are only acted on if all tasks of the DAG came.
 */
enum source_result source_next(struct source *, struct buf *text,
	struct buf *why);
void source_free(struct source *);

#endif
