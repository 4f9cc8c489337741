/* dagqids: the verbs of dagq that take IDs. */
#ifndef DAGQIDS_H
#define DAGQIDS_H

#include "change.h"
#include "ids.h"
#include "prog.h"

enum verb {
	VERB_NONE, VERB_RERUN, VERB_MARK, VERB_HOLD, VERB_RELEASE, VERB_KILL,
	VERB_PAUSE, VERB_RESUME, VERB_POOL, VERB_ARCHIVE, VERB_CHECK,
	VERB_REPAIR, VERB_BACKFILL, VERB_PURGE,
};

/* what dagq was asked for, and the spool it works on */
struct dagq {
	enum verb verb;
	bool yes, sync, dry, past, future;
	const char *dir, *pool, *backfill;
	int64_t older;		/* seconds; -1 unless said */
	struct change change;
	struct spool spool;
	unsigned killed;
	struct ids ids;		/* what it is done to */
};

extern struct dagq dagq;

/* does the verb to what the IDs of the arguments, or of stdin, stand for */
enum exit_code dagqids_change(int argc, char **argv);
/* the same for dagq.ids.id[from..to), which are of one run */
enum exit_code dagqids_change_run(size_t from, size_t to);
void dagqids_change_end(void);
/* --kill: the chosen tasks of a run, or all of it; counts what it ends in
 * dagq.killed (dagqkill.c) */
enum exit_code dagqkill(struct run *, bool *chosen);
/* archives these; without IDs whatever ended long enough ago */
enum exit_code dagqids_archive(int argc, char **argv);

/* --purge: the run of dagq.ids.id[from]; whatever is old enough */
enum exit_code dagqpurge_run(size_t from);
enum exit_code dagqpurge_due(void);

/* --pause, --resume: DAGs of the arguments, or of stdin (dagqpause.c) */
enum exit_code dagqpause(int argc, char **argv);
/* --check, --repair (dagqcheck.c) */
enum exit_code dagqcheck(void);

#endif
