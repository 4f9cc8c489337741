/* sitealert: what needs somebody: what failed, is late, is held, is wrong. */
#ifndef SITEALERT_H
#define SITEALERT_H

#include "outlook.h"
#include "sitedag.h"

/* zero at first; sitealert_free at last */
struct sitealert {
	struct sitealert_item {
		int rank;		/* the first first, */
		char when[INSTANT_LEN];	/* then the latest */
		size_t at, n;		/* of text: markup */
	} *item;
	size_t n, cap;
	struct buf text;
};

/* adds what is known of a DAG: of its latest runs, what it missed, and what
 * is wrong with its file; base is where its pages are */
void sitealert_runs(struct sitealert *, struct spool *,
	const struct sitedag *, const char *base);
void sitealert_outlook(struct sitealert *, const struct sitedag *,
	const struct outlook *, bool paused, const char *base);
/* appends a list, of at most max; nothing if there is none */
void sitealert_put(struct sitealert *, size_t max, struct buf *);
void sitealert_free(struct sitealert *);

#endif
