/* launchers: batches and the engines that have them: submitted, asked. */
#ifndef LAUNCHERS_H
#define LAUNCHERS_H

#include "batch.h"
#include "engine.h"

enum { ELEMENT_WORD = 96 };

/* an engine, as this step has met it */
struct launcher {
	struct engine engine;
	bool known;		/* the next three are: */
	int64_t most;		/* elements of a batch */
	int64_t queued;		/* elements that it may have at a time */
	int64_t usual;		/* seconds between two questions, at most; */
	int64_t every;		/* and as its batches want it, or 0 */
	unsigned open;		/* elements that it has */
	bool happened;		/* something that it can explain */
	bool failed;		/* it had no answer in this step */
};

struct batch_state {
	struct batch batch;
	struct launcher *launcher;
	/* what the engine says of each element, "" nothing: STATE DETAIL;
	 * NULL: it was not asked */
	char (*said)[ELEMENT_WORD];
	struct buf refused;	/* why it will not have the batch, or empty */
	bool gone;		/* it is of no use any more */
};

/* what a launcher can do; false: it has no answer */
bool launcher_caps(struct launcher *);
/* submits a batch, or finds that it was; first: it cannot have been. 1, or it
 * is refused; 0 not yet; -1 and errno */
int launcher_submit(struct batch_state *, bool first);
/* asks for the elements of all batches of a launcher; false: no answer */
bool launcher_poll(struct launcher *, struct batch_state *, size_t n);
/* tells it that elements (numbers, a line each) need not be started; false: no
 * answer */
bool launcher_cancel(struct batch_state *, const struct buf *elements);
/* had it no answer, and is not to be asked again yet? */
bool launcher_rests(const struct launcher *);
/* is that an end, by what an engine says? its word */
bool launcher_end(const char *said, char word[BATCH_WORD]);

#endif
