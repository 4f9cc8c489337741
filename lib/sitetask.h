/* sitetask: the pages of a run's tasks: attempts, values, resources, logs. */
#ifndef SITETASK_H
#define SITETASK_H

#include "page.h"
#include "sight.h"

/* writes those of all tasks that have one; -1 and errno */
int sitetask_put(struct spool *, struct page_dir *, struct sight *);

#endif
