/* sitehead: a site's overview: a row a DAG, and what needs somebody. */
#ifndef SITEHEAD_H
#define SITEHEAD_H

#include "outlook.h"
#include "page.h"
#include "sitedag.h"

/* what is told of a DAG */
struct sitehead {
	const struct sitedag *latest;	/* its latest runs */
	size_t runs;			/* all of them */
	struct outlook outlook;
	bool paused;
};

/* finds out what is not in its runs */
void sitehead_make(struct sitehead *, struct spool *, const struct sitedag *,
	size_t runs, int64_t now);
/* appends what is above all on a DAG's page */
void sitehead_about(const struct sitehead *, struct buf *);
/* appends its row of the overview, and a line for each thing that needs
 * somebody */
void sitehead_row(const struct sitehead *, struct buf *row,
	struct buf *alerts);
/* writes the overview; -1 and errno */
int sitehead_put(struct spool *, struct page_dir *, const struct buf *rows,
	const struct buf *alerts);

#endif
