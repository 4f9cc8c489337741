/* dagqids: the verbs of dagq that take IDs. */
#ifndef DAGQIDS_H
#define DAGQIDS_H

#include "change.h"
#include "prog.h"

enum verb {
	VERB_NONE, VERB_RERUN, VERB_MARK, VERB_HOLD, VERB_RELEASE, VERB_KILL,
	VERB_PAUSE, VERB_RESUME, VERB_POOL, VERB_ARCHIVE, VERB_CHECK,
	VERB_REPAIR, VERB_BACKFILL,
};

/* what dagq was asked for, and the spool it works on */
struct dagq {
	enum verb verb;
	bool yes, sync;
	const char *dir, *pool, *backfill;
	int64_t older;		/* seconds; -1 unless said */
	struct change change;
	struct spool spool;
};

extern struct dagq dagq;

/* does the verb to what the IDs of the arguments, or of stdin, stand for */
enum exit_code dagqids_change(int argc, char **argv);
/* archives these; without IDs whatever ended long enough ago */
enum exit_code dagqids_archive(int argc, char **argv);

#endif
