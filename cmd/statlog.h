/* statlog: dagstat --log: the logs of tasks, onto stdout. */
#ifndef STATLOG_H
#define STATLOG_H

#include "ids.h"
#include "prog.h"

struct statlog {
	bool follow;
	bool tail;		/* only the last lines */
	unsigned long lines;
	unsigned attempt;	/* 0: the last one */
	bool some;		/* a task without a log is no error */
};

/* shows the logs of tasks, each behind its name if there are several */
enum exit_code statlog(struct spool *, const struct ids *,
	const struct statlog *);

#endif
