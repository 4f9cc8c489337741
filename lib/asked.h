/* asked: a task that is asked about, and what it comes after. */
#ifndef ASKED_H
#define ASKED_H

#include "look.h"
#include "view.h"

/* one task that is asked about */
struct asked {
	struct spool *sp;
	struct look *look;
	struct view *view;
	uint32_t task;
	struct id id;
	struct instance in;
	struct marker_sum sum;
	bool whole;		/* what keeps the run has been said */
};

/* puts the answer that b holds into the view, and empties it */
void asked_say(const struct asked *, struct buf *b);
/* appends an instant, as people read it, behind what is before it */
void asked_when(struct buf *b, const char *before, const char *instant);
/* appends what a marker says of its last attempt's end */
void asked_end(struct buf *b, const struct marker_sum *);
/* how many upstreams are not as its trigger rule, if it has one, wants: each
 * is said */
unsigned asked_upstreams(const struct asked *, struct buf *b);

#endif
