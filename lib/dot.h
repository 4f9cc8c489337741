/* dot: a DAG as a graph in the language of graphviz. */
#ifndef DOT_H
#define DOT_H

#include <stdio.h>

#include "buf.h"

/* Prints the DAG whose records are in plan; 0, or -1 with errno ENOMEM. */
int dot_print(const struct buf *plan, FILE *);

#endif
