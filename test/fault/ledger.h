/* ledger: what the tasks wrote down themselves, against what they should. */
#ifndef LEDGER_H
#define LEDGER_H

#include "case.h"

/* what has been seen in a spool: these are not to run any more */
struct seen;

/* the successes that the spool shows now; then how far the ledger is */
struct seen *ledger_see(struct kase *);
void ledger_forget(struct seen *);

enum ledger_rule {
	LEDGER_RERUNS = 1,	/* somebody asked for tasks to be run again */
	LEDGER_ENDED = 2,	/* all is over: every task must have ended */
	LEDGER_LIVE = 4,	/* programs are at work: the order only */
};

/*
 * Checks the ledger and the spool: each task of each run's plan has one
 * marker; no task overlapped with itself, none began before all before it
 * had ended well (or after one of those behind it had begun), none in seen
 * began after that; what is recorded is what the task did. NULL, or what is
 * wrong: malloc'ed.
 */
char *ledger_check(struct kase *, const struct seen *, int rules);
/* how many lines of the ledger begin with that */
size_t ledger_count(struct kase *, const char *what);

#endif
