/* book: what a spool's plans and markers say, for the ledger to be held to. */
#ifndef BOOK_H
#define BOOK_H

#include "ledger.h"

/* a task of a run, and what is known of it */
struct task {
	char *id;		/* DAG/RUN/TASK */
	char *after;		/* names of those before it */
	struct up {
		size_t task, via;	/* via the joint one that is in after */
	} *up;
	size_t nup;
	unsigned markers;
	bool joint;		/* mapped, or runs a DAG: not itself */
	char *sub;		/* that DAG, or NULL */
	char state[24];
	/* while the ledger is read */
	bool open, began, passed;
	int last;		/* how it ended last, -1: it did not yet */
	int attempt;		/* that began last */
};

struct book {
	struct kase *kase;
	struct task *task;
	size_t n, cap;
	char *wrong;
};

/* reads runs/ and queue/; rules are ledger_check's. book_free */
void book_load(struct book *, struct kase *, int rules);
void book_free(struct book *);
/* the first thing that is wrong stays */
void book_wrong(struct book *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* the task DAG/RUN/TASK, or NULL */
struct task *book_find(struct book *, const char *id);

#endif
