/* mermaid: a DAG as a graph in the language of mermaid. */
#ifndef MERMAID_H
#define MERMAID_H

#include <stdio.h>

#include "plan.h"

/* prints it */
void mermaid_print(const struct plan *, FILE *);

#endif
