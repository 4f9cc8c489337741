/* work: what is done to a spool while it is broken: scripts, a few lines each.
 */
#ifndef WORK_H
#define WORK_H

#include "case.h"

enum { WORK_STEPS = 4, RUN_NAME = 32 };

enum work_kind {
	STEP_RUN,		/* runs it, and waits for it */
	STEP_START,		/* starts it in the background */
	STEP_BEGUN,		/* waits until the ledger says "start" */
	STEP_JOIN,		/* waits for what was started */
};

struct step {
	enum work_kind kind;
	const char *argv[CASE_ARGS], *in;
};

struct work {
	const char *name;
	const char *dag;	/* the text of its DAG file, NAME.dag */
	const char *before;	/* for sh, in the root: makes the base */
	struct step act[WORK_STEPS];
	bool reruns;		/* tasks may be run again after a success */
	bool loose;		/* it may well end otherwise than undisturbed */
	bool only_reads;	/* nothing in the spool may change */
	bool once_only;		/* done already, it says so: exit 1 */
	bool sets_aside;	/* things may go to bad/ */
};

extern const struct work works[];
extern const size_t nworks;

/* writes the DAG, and does what comes before, in base; false: it failed */
bool work_prepare(const struct work *, struct kase *base);
/*
 * Does it, with that fault in each program: 0 all said 0; 1 one did not, or
 * was killed; 2 one was stopped because it did not end.
 */
int work_act(const struct work *, struct kase *, const struct fault *);
/*
 * Asks dagq for the run of dags/load.dag of that day after 2026 began; its
 * name. True if dagq says that it is there.
 */
bool work_more(struct kase *, unsigned day, char run[RUN_NAME]);
/* puts things right: dagexec --drain; NULL, or what went wrong */
char *work_recover(struct kase *, const struct fault *);
/*
 * Nothing may live by now: dagq --check is silent, the ledger is right,
 * nothing is left in tmp/ or workers/. NULL, or what is wrong: malloc'ed.
 */
struct seen;
char *work_verify(const struct work *, struct kase *, const struct seen *,
	int rules);

#endif
