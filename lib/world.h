/* world: what a task sees: its command, environment and directory. */
#ifndef WORLD_H
#define WORLD_H

#include "lend.h"
#include "spool.h"
#include "target.h"

/* what is the same for all tasks of a run */
struct world_run {
	struct buf env;		/* NAME=VALUE\0 … */
	struct buf rest;	/* what it inherits and env has not */
	char *dir;		/* where its tasks work, */
	bool open;		/* but for what is in [dag]'s workdir */
	bool targets;		/* some task has them */
	struct buf record;	/* the text of the file "run" */
	uint64_t ino;		/* of that file, */
	int64_t changed;	/* and its ctime */
};

struct world {
	const struct lend *lend;	/* it is another user's, or NULL */
	char **argv, **envp;	/* ended by NULL */
	const char *dir;	/* absolute */
	bool direct;		/* argv is the command itself, not a shell */
	const char *script;	/* text for an interpreter's file, or NULL; its
				 * name is to be put into argv[script_at] */
	unsigned script_at;
	struct buf text, ptr;	/* what the above point into */
	struct target target;
	size_t told;		/* text to there is what it is told, */
	size_t command;		/* from there on, what it executes */
};

/* loads what a run's tasks have in common; EINVAL: its record is damaged */
int world_run_load(struct world_run *, struct run *);
void world_run_free(struct world_run *);
/* is the run's record still the one that was loaded? */
bool world_run_fresh(const struct world_run *, const struct run *);
/* the world of an attempt of a task; free with world_free. lend is set before.
 * EINVAL: a value in the plan is damaged, and why says which */
int world_make(struct world *, const struct world_run *, const struct run *,
	uint32_t task, unsigned attempt, struct buf *why);
void world_free(struct world *);
/* adds the environment to w->text, the first of a name counts; its PWD is the
 * directory */
int world_env(struct world *, const struct world_run *, const struct run *,
	uint32_t task, unsigned attempt, struct buf *why);
/* the same command through the shell, after executing it directly failed;
 * the old argv is gone */
int world_through_shell(struct world *, const struct run *, uint32_t task);
/* a value of an environment ended by NULL, or NULL */
const char *world_getenv(char *const *envp, const char *name);

#endif
