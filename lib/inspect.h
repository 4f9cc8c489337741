/* inspect: one run, looked at: what is not as dagspool(5) says. */
#ifndef INSPECT_H
#define INSPECT_H

#include <stdbool.h>

#include "spool.h"

enum fault_kind {
	FAULT_FOREIGN,		/* a name that is not ours */
	FAULT_FORM,		/* ours, but no plain file */
	FAULT_PLACE,		/* ours, but no directory */
	FAULT_TASKLESS,		/* a marker of a task not in the plan */
	FAULT_DOUBLE,		/* a second marker, of an earlier state */
	FAULT_MISSING,		/* no marker */
	FAULT_STATE,		/* no state of the run */
	FAULT_STATES,		/* a second one */
	FAULT_PLAN,		/* no plan, or a damaged one */
	FAULT_LIST,		/* a list of its mapped tasks is damaged */
	FAULT_RECORD,		/* no file "run", or a damaged one */
	FAULT_ENDED,		/* a task that has not, of a run that has */
};

struct fault {
	enum fault_kind kind;
	bool queued;		/* the name is in queue/ */
	char name[FILE_LEN];	/* a file's; MISSING, ENDED: a task's */
};

struct faults {
	struct fault *f;
	size_t n, cap;
};

/* each kind in words */
extern const char *const inspect_words[];

/*
 * What is wrong with a locked run in three looks, since others claim and end
 * its tasks meanwhile: in out, which is empty at first, out->f for free(3).
 * queue: the names in queue/, sorted, as listed before. -1 and errno.
 */
int inspect_run(struct run *, const struct names *queue, struct faults *out);
/* is its file "run" there, and its record? 1, 0, -1 and errno */
int inspect_record(const struct run *);

#endif
