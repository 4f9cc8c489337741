/* metrics: a spool in numbers, as Prometheus reads them from a file. */
#ifndef METRICS_H
#define METRICS_H

#include "spool.h"

/* appends all metrics, in the text format 0.0.4; of a DAG of which something is
 * damaged damaged is called, with errno. -1 and errno */
int metrics_put(struct spool *, struct buf *, void (*damaged)(const char *dag));

#endif
