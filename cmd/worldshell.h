/* worldshell: dagexec --shell: the world as a task would see it. */
#ifndef WORLDSHELL_H
#define WORLDSHELL_H

#include "prog.h"

/* becomes a shell in a task's directory, with its environment; returns only
 * if that cannot be. The spool is open */
enum exit_code worldshell(struct spool *, const char *id);

#endif
