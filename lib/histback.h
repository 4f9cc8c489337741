/* histback: a history read from its end, fast: of each run what it became. */
#ifndef HISTBACK_H
#define HISTBACK_H

#include "spool.h"

/*
 * A run that ended again has its lines again, whole: read from the end, what
 * comes first counts; the rest is passed over unless it is asked for. Runs
 * are told apart by 64 bits of their names. Texts are not terminated and live
 * while they are told of. Times are milliseconds since 1970, or
 * HISTBACK_NEVER; numbers that are not known are below 0.
 */
#define HISTBACK_NEVER INT64_MIN

struct histback_text {
	const char *p;
	size_t n;
};

struct histback_run {
	struct histback_text name, cause;
	enum run_state state;
	bool again;		/* it ended again later */
	int64_t start, end;
};

/* an attempt */
struct histback_task {
	struct histback_text run, name;
	enum state state;	/* STATE_FAILED if it was lost */
	bool last;		/* of its task: what became of it */
	bool ran;		/* false: it was skipped, marked, … */
	bool again;		/* of a run that ended again later */
	int64_t start, end;
	double wall, cpu, rss;	/* seconds, KiB */
};

/* slots that were passed over: one, or (to is known) count up to that */
struct histback_missed {
	struct histback_text name, reason;
	int64_t to, count;
};

/* each may be NULL; nonzero stops */
struct histback {
	int (*run)(const struct histback_run *, void *);
	int (*task)(const struct histback_task *, void *);
	int (*missed)(const struct histback_missed *, void *);
	void *arg;
	bool again;		/* what was passed over, too */
};

/* all of a DAG's history: each run, then its attempts, the last ones first.
 * 0 (also where there is none), what stopped it, or -1 and errno */
int histback_each(struct spool *, const char *dag, const struct histback *);

#endif
