/* dagsub: what a task has not that runs a DAG in place of a command. */
#ifndef DAGSUB_H
#define DAGSUB_H

#include "dagvalue.h"

/* is a key one of a command? [default] has it for others */
bool dagsub_command(int key);
/* tells of keys of a task, found by dagvalue_find, that do not go together;
 * does it run a DAG? */
bool dagsub_check(struct compiler *, const struct daglex_section *);

#endif
