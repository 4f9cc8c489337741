/* frame: what all pages of a site share: their head and foot, small parts. */
#ifndef FRAME_H
#define FRAME_H

#include "sight.h"

struct frame {
	const char *key;	/* written at its beginning; NULL: none */
	const char *title;
	const char *dag, *run, *task;	/* where it is; NULL: above that */
	bool live;		/* something runs: the page loads itself */
};

/* what a page begins with that has this key */
void frame_key(const char *key, struct buf *);
void frame_begin(const struct frame *, struct buf *);
void frame_end(struct buf *);
/* a state in words, with its sign and colour */
void frame_state(enum state, struct buf *);
void frame_run_state(enum run_state, struct buf *);
/* an instant, which the script makes relative; "-" for "" */
void frame_time(const char *instant, struct buf *);
/* seconds as people like them, "-" if they are below 0 */
void frame_seconds(double, struct buf *);
/* a row of a list of facts; the value is markup */
void frame_fact(const char *name, const struct buf *value, struct buf *);

#endif
