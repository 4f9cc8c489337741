/* victim: who is to be killed at random. */
#ifndef VICTIM_H
#define VICTIM_H

#include <sys/types.h>

/* once, after case_begin: who has its case beneath this root is ours */
void victim_begin(void);
/* a random one of ours that is a dagexec, a supervisor or a task; 0: none */
pid_t victim(void);

#endif
