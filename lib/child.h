/* child: the run of another DAG that a task waits for. */
#ifndef CHILD_H
#define CHILD_H

#include "marker.h"
#include "spool.h"

struct child {
	char dag[NAME_LEN + 1], run[RUN_LEN + 1];
	bool over;		/* it is not to be waited for any more */
	int64_t until;		/* nor then, 0: any time */
};

/*
 * Does a task, in that state, wait for a run that it has made or found? 1 and
 * which; 0 it does not, -1 and errno. Tasks that run no DAG cost nothing.
 */
int child_of(const struct run *, uint32_t task, struct instance,
	struct child *);
/* does it, and is that run to be ended (over), or not? */
bool child_begun(const struct run *, uint32_t task, struct instance,
	bool over);
/* the same of a marker's lines; until is left alone */
bool child_in(const struct marker_sum *, struct child *);
/*
 * Was it made for this task: does its record name it? 1, 0; -1 and errno. One
 * that was only found is not ended with the task.
 */
int child_ours(const struct run *, const char *task, const struct child *);
/* is a run that one, or was it made for a task of it, or of one that was? */
bool child_within(struct spool *, const char *dag, const char *run,
	const char *topdag, const char *toprun);
/* says in its marker that it is to be ended: who looks at it next does that;
 * 1, 0 it waits for none, -1 and errno */
int child_kill(const struct run *, uint32_t task, struct instance,
	const char *note);

#endif
