/* site: a spool as pages of HTML in a directory, kept as the spool is. */
#ifndef SITE_H
#define SITE_H

#include "graphviz.h"
#include "page.h"
#include "spool.h"

/* what is in share/html, made by the Makefile */
extern const char site_style[], site_script[];

struct site {
	struct spool *spool;
	struct page_dir dir;
	bool all;		/* whatever is there is written anew */
	/* unless NULL: called for each run that has not ended */
	void (*live)(const char *dag, const char *run, void *);
	void *arg;
	/* what could not be read, and why: the rest goes on */
	void (*fault)(const char *thing, const char *why);
	/* unless NULL: called for each run that is done */
	void (*done)(void);
	size_t runs, faults;
	struct graphviz graphviz;
};

/*
 * Writes what has changed since it was last done: pages of runs that have
 * ended bear the time of their run's directory and are passed over while it is
 * the same. Pages of runs that are no more are taken away. -1 and errno.
 */
int site_update(struct site *);
/* how many runs there are */
uint64_t site_runs(struct spool *);

#endif
