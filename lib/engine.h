/* engine: what is known of an engine: when it was asked, whether it is away. */
#ifndef ENGINE_H
#define ENGINE_H

#include "spool.h"

/*
 * launch/NAME, a record: only a hint, so that many dagexecs ask it no more
 * often than one would, and that dagstat can tell why it has no answer.
 */
struct engine {
	char name[NAME_LEN + 1];
	int64_t asked;		/* when it was last, 0: never */
	int64_t away;		/* since when it has no answer, 0: it has */
	unsigned tries;		/* since something changed, or it went */
	char text[404];		/* what was said then */
};

/* reads it; of one that is not known all is 0. -1 and errno */
int engine_read(struct spool *, const char *name, struct engine *);
int engine_write(struct spool *, const struct engine *);
/* it was asked now, and answered (text NULL), or is away */
void engine_note(struct engine *, const char *text);
/* when it is to be asked again: after every seconds; sooner if something has
 * happened that it can explain, or it is away */
int64_t engine_due(const struct engine *, int64_t every, bool happened);

#endif
