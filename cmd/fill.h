/* fill: the options of dagsched that are about backfills. */
#ifndef FILL_H
#define FILL_H

#include <stdbool.h>

#include "dagsched.h"

enum { OPT_FILL = 400, OPT_NAME = OPT_FILL, OPT_REVERSE, OPT_AGAIN,
    OPT_LIMIT, OPT_MAX_ACTIVE, OPT_BETWEEN, OPT_MAX_LOAD, OPT_MAX_PRESSURE,
    OPT_STOP_AFTER, OPT_PLAN };

/* takes one of these; a value that cannot be is a usage error */
void fill_option(int c, char *value);
/* all are there: do they go together, and with dags, of which there are n? */
void fill_check(char **dags, int n);
/* is the name free? one that was made up becomes so; before that it dies */
void fill_name(const struct backfills *);
/* the plan of a DAG, of as many runs as were found */
void fill_plan(const struct rec *dag);
/* prints the backfills of the spool, and how far they are, one a line */
enum exit_code fill_list(void);

/* how far it is, on a terminal; and records of it that were written */
void fill_begin(void);
void fill_written(const struct buf *);

#endif
