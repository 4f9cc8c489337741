/* siterun: the page of a run, with its graph, its timeline and its tasks. */
#ifndef SITERUN_H
#define SITERUN_H

#include "graphviz.h"
#include "page.h"
#include "sight.h"

/* writes it; stamp as in page_put. -1 and errno */
int siterun_put(struct page_dir *, struct graphviz *, struct sight *,
	int64_t now, const struct timespec *stamp);
/* appends what failed and why: a line each, at most max, with links to the
 * tasks' pages behind base */
void siterun_failures(struct sight *, const char *base, unsigned max,
	bool logs, struct buf *);

#endif
