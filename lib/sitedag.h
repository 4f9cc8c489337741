/* sitedag: a DAG's pages: its runs as a grid, its graph, its durations. */
#ifndef SITEDAG_H
#define SITEDAG_H

#include "graphviz.h"
#include "page.h"
#include "sight.h"

/* runs of a page; those of the DAG's own page are as many of the latest */
enum { SITEDAG_RUNS = 50 };

/* a run as a line of a page */
struct sitedag_run {
	char name[RUN_LEN + 1];
	enum run_state state;	/* RUN_NONE: it cannot be read */
	char start[INSTANT_LEN];
	double seconds;
	uint32_t tasks;
	unsigned count[STATES];
	signed char *cell;	/* states, by column; NULL: there is none */
	struct buf failures;	/* markup: what failed, */
	char failed[INSTANT_LEN];	/* and when the last did */
};

/* some runs of a DAG, the latest first */
struct sitedag {
	const char *dag;
	struct sitedag_run run[SITEDAG_RUNS];
	size_t n;
	char **column;		/* the tasks of the latest, unless too many */
	size_t columns;
	struct sight latest;	/* kept open, if has_latest */
	bool has_latest;
};

/* unless NULL: called with each run as it is read, or with NULL, errno and
 * why it cannot be; -1 and errno end it */
struct sitedag_each {
	int (*run)(const struct run_entry *, struct sight *,
		const struct buf *why, void *);
	void *arg;
};

/* reads runs list[0] to list[n - 1], which come oldest first; -1 and errno */
int sitedag_read(struct spool *, const char *dag,
	const struct run_entry *list, size_t n, int64_t now,
	const struct sitedag_each *, struct sitedag *);
void sitedag_free(struct sitedag *);
/* writes a page of theirs: number 0 is the DAG's own, of pages in all; about
 * is markup for its head. -1 and errno */
int sitedag_put(struct page_dir *, struct graphviz *, const struct sitedag *,
	size_t number, size_t pages, const char *key, const struct buf *about);
/* a DAG's runs as small squares, the latest last; href's begin with base */
void sitedag_squares(const struct sitedag *, const char *base, size_t max,
	struct buf *);

#endif
