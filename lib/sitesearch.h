/* sitesearch: what the search of a site's pages looks through. */
#ifndef SITESEARCH_H
#define SITESEARCH_H

#include "page.h"
#include "sitedag.h"

/* of a DAG, the latest; older ones are found on its pages */
enum { SITESEARCH_RUNS = 2000 };

/* appends a DAG: its tasks, and its runs, list[0] the oldest of n; of those
 * in latest, what became of them too */
void sitesearch_add(struct buf *, const struct sitedag *latest,
	const struct run_entry *list, size_t n);
/* writes it; -1 and errno */
int sitesearch_put(struct page_dir *, const struct buf *);

#endif
