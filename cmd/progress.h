/* progress: how far something is that takes longer than a second. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdint.h>

/*
 * One line on stderr, written over again: a count, a rate, and with what is
 * left when it will be done. Only on a terminal, not with -q, and only after
 * a second. what: "tasks". of: how many there are in all, 0: left (or NULL)
 * says now, and when these are done, how many there still are, 0: nobody knows.
 */
void progress_begin(const char *what, uint64_t of, uint64_t (*left)(void));
/* n more are done */
void progress_add(uint64_t n);
/* takes the line away, because another is to be written; it comes back */
void progress_hide(void);
/* takes it away for good */
void progress_end(void);

#endif
