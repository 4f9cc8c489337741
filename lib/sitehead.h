/* sitehead: a site's overview: a row a DAG, and what needs somebody. */
#ifndef SITEHEAD_H
#define SITEHEAD_H

#include "page.h"
#include "sitealert.h"

/* what is told of a DAG */
struct sitehead {
	const struct sitedag *latest;	/* its latest runs */
	size_t runs;			/* all of them */
	struct outlook outlook;
	bool paused;
};

/* what the overview says of all; zero at first */
struct siteall {
	struct buf rows;
	struct sitealert alerts;
	size_t dags, count[RUN_STATES];	/* by the state of their latest run */
};

/* finds out what is not in its runs */
void sitehead_make(struct sitehead *, struct spool *, const struct sitedag *,
	size_t runs, int64_t now);
/* appends what is above all on a DAG's page */
void sitehead_about(const struct sitehead *, struct buf *);
/* adds its row to the overview, and what needs somebody */
void sitehead_row(const struct sitehead *, struct spool *, struct siteall *);
/* writes the overview; -1 and errno */
int sitehead_put(struct spool *, struct page_dir *, struct siteall *);
void sitehead_free(struct siteall *);

#endif
