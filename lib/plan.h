/* plan: a DAG as compiled: its records in memory, checked, with its graph. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "graph.h"
#include "planline.h"

enum { PLAN_MAX = 1 << 30 };	/* bytes of one */

/*
 * A plan is text: one dag record, then tasks=N task records (dagrec(5)). It
 * is kept as it came; a task's values are taken out
 * of its line when they are asked for. Tasks are numbered in their order.
 */
struct plan_task {
	const char *line;	/* its record, without the newline */
	uint32_t len;
	const char *name;	/* within line; not terminated */
	uint32_t namelen;
	unsigned when : 8;	/* its trigger rule */
	unsigned keys : 24;	/* of what kinds it has any: PLAN_… */
};

/* an instance of a mapped task: planmap.h */
struct plan_item {
	uint32_t of;		/* the mapped task */
	const char *text;	/* its items, as its list has them */
	uint32_t len;
	bool gone;		/* the list has it no more */
};

/* a task that is not to run but if a setup before it did well: scope.h */
struct plan_bound {
	uint32_t task, setup;
};

struct plan {
	const char *text;	/* all of it */
	size_t size;
	char *own;		/* the same, if it is ours to free */
	bool borrowed;		/* the text is another plan's */
	char dag[65];
	const char *line;	/* the dag record */
	uint32_t linelen;
	unsigned keys;		/* kinds that any of its tasks has; or it, of
				 * itself, DEADLINES */
	uint32_t n;		/* tasks */
	struct plan_task *task;
	uint32_t *hash;		/* open addressing: task + 1, or 0 */
	uint32_t hashmask;
	/* groups that may start again; NULL: there is none */
	uint32_t *again;	/* the group of each task + 1, or 0 */
	uint32_t nagain;
	/* mapped tasks; NULL: there is none */
	unsigned char *each;	/* of each task of the text: PLAN_EACH… */
	uint32_t base;		/* tasks of the text; behind them, instances */
	struct plan_item *item;	/* of task base, base + 1, … */
	char *names;		/* theirs */
	/* by task, made by scope_make; NULL: there is none */
	struct plan_bound *bound;
	uint32_t nbound;
	struct graph graph;
};

enum {
	PLAN_EACH = 1,		/* it is mapped */
	PLAN_LISTED = 2,	/* and its list is known */
};

/*
 * Makes a plan of text, which the caller keeps as long as the plan. Checked:
 * kinds, names, that N tasks came, that names are unique, upstreams known, no
 * cycle, every task has something to run. 0; -1 with errno EINVAL and in why
 * what is wrong, or ENOMEM.
 */
int plan_make(struct plan *, const char *text, size_t n, struct buf *why);
/* reads the plan in fd, which can be closed after, and makes it. It is not
 * mapped: a file that is cut short meanwhile would be the end of the program */
int plan_read(struct plan *, int fd, struct buf *why);
void plan_free(struct plan *);
/* puts a task, whose name is set, where plan_find finds it; false: there is
 * one of that name */
bool plan_enter(struct plan *, uint32_t task);
/* the number of the task of that name, or -1 */
int64_t plan_find(const struct plan *, const char *name, size_t n);
/* copies a task's name into a buffer of NAME_LEN + 1 */
const char *plan_name(const struct plan *, uint32_t task, char *);
/*
 * A value of a task, of the DAG: appended to b (reset before), as a string
 * that lives as long as b does; NULL if the key is not there, or (b->err) if
 * memory failed.
 */
const char *plan_get(const struct plan *, uint32_t task, const char *key,
	struct buf *);
const char *plan_dag_get(const struct plan *, const char *key, struct buf *);
/* is the key there? */
bool plan_has(const struct plan *, uint32_t task, const char *key);
/* the same as a boolean, a duration in seconds, a number; or the default.
 * These take no memory */
bool plan_yes(const struct plan *, uint32_t task, const char *key);
int64_t plan_duration(const struct plan *, uint32_t task, const char *key,
	int64_t otherwise);
int64_t plan_number(const struct plan *, uint32_t task, const char *key,
	int64_t otherwise);

#endif
