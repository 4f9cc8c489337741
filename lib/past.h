/* past: what a DAG's history says of its runs, each in a line's worth. */
#ifndef PAST_H
#define PAST_H

#include "spool.h"

struct past_run {
	char name[RUN_LEN + 1];
	enum run_state state;
	unsigned count[STATES], tasks;
	char start[INSTANT_LEN], end[INSTANT_LEN], cause[24];
};

struct past {
	struct past_run *run;	/* by name */
	size_t n, cap;
};

/* reads the history of a DAG; -1 and errno */
int past_load(struct spool *, const char *dag, struct past *);
/* what is known of a run that has ended, or NULL */
const struct past_run *past_find(const struct past *, const char *run);
void past_free(struct past *);

#endif
