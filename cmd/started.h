/* started: dagexec --task, --element: what an engine has started us for. */
#ifndef STARTED_H
#define STARTED_H

#include "prog.h"

/*
 * Runs these tasks (IDs; without any, those on stdin), or those of an element,
 * BATCH/NUMBER, nslot at a time: those that are still to be had. EXIT_BAD: one
 * has failed.
 */
enum exit_code started_run(struct spool *, unsigned nslot, int argc,
	char **argv, const char *element);

#endif
