/* check: whether the spool is as dagspool(5) says, and putting it right. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#include "spool.h"

/*
 * Looks at every run and every ready marker. What is wrong in three looks
 * under the run's lock is told: where (an ID or a path) and what. With repair
 * it is put right, or set aside in bad/ with a message; nothing is deleted.
 * looked, or NULL, is called after each run. *refused: something was told, but
 * only its owner, or root, may look at it, or put it right. How much was wrong;
 * -1 and errno.
 */
int check_spool(struct spool *, bool repair,
	void (*tell)(const char *where, const char *what, void *),
	void (*looked)(void *), void *, bool *refused);

#endif
