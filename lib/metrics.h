/* metrics: a spool in numbers, as Prometheus reads them from a file. */
#ifndef METRICS_H
#define METRICS_H

#include "spool.h"

/* appends all metrics, in the text format 0.0.4; -1 and errno */
int metrics_put(struct spool *, struct buf *);

#endif
